import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';
import { together } from './vitest.projects.js';

/**
 * The tests that carry the SQL, on the PostgreSQL of TEST_POSTGRES: `npm test` runs them on 15, the oldest version that
 * csvjobs works with, beside all tests on 18, without the longest of those that say little of a version;
 * `npm run test:postgres` runs all of them on 15, 16 and 17.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    ...together,
    include: [
      'packages/daemon/test/sql/**/*.test.ts',
      'packages/daemon/test/pipeline/{conflicts,run}.test.ts',
      'packages/daemon/test/pipeline/target/{tables,changes,modes,modeRules,early,replace,replaceRules,replaceReferences,replaceAmongOthers,rights,rowSecurity,matrix,manyColumns,sameVerdict}.test.ts',
      'e2e/test/{databaseSettings,mainJob,restore}.test.ts',
    ],
    exclude: process.env.TEST_POSTGRES_SHORT
      ? [
          '**/node_modules/**',
          '**/{jobErrors,databaseCheck,databaseSettings,tables,changes,scarcePool,manyColumns,sameVerdict}.test.ts',
          '**/{rights,rowSecurity,early,jobList,lanes,later,conflicts,races,several,replaceRules,replaceReferences,replaceAmongOthers,run,outbox}.test.ts',
          // undoJob, updated and replaced have each kind of undo and replacement.
          '**/{refused,changedOthers,loadedRows,commonTriggers,transactionIds,circles,journal}.test.ts',
          '**/{random,tls,hosts,deletedJobs,restore,routed}.test.ts',
        ]
      : ['**/node_modules/**'],
  },
});
