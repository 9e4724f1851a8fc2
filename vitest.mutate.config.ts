import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';

/** What `npm run mutate` runs for each mutant: tests that call the mutated code in their own process. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: [
      'packages/cli/test/outcome.test.ts',
      'packages/daemon/test/pipeline/{accounting,afterDryRun,conflicts,gate,lost,observed,run,surveyProgress,whole}.test.ts',
      'packages/daemon/test/pipeline/target/{changes,deferred,early,foreignRights,lookupForms,lookups,manyColumns,modeRules,moreFaults,otherRows,rights,rowSecurity,tables,verdicts}.test.ts',
      'packages/daemon/test/pipeline/target/replace*.test.ts',
      'packages/daemon/test/queue/{heldJobs,queues}.test.ts',
      'packages/daemon/test/sql/undo/*.test.ts',
      'packages/daemon/test/sql/{advance,attempts,claimJob,jobProgress,jobTimes,lanes,loaderSession,wholeLane}.test.ts',
      'packages/daemon/test/sql/target/{allFaults,catalog,keyRange,loadStaged,parts,routed,scratch,sideBySide,texts,upsert}.test.ts',
      'packages/daemon/test/http/{jobs,newTables,tokenTables}.test.ts',
      'packages/daemon/test/http/reports/tableReports.test.ts',
      'packages/daemon/test/http/uploads/{intoTable,loadDryRun,lookupTables,modeRights,sameFile}.test.ts',
      'packages/daemon/test/retention.test.ts',
      'packages/daemon/test/sql/{chains,counts,customers,deletedJobs,dryRuns,earlierJob,heldRows,jobErrors,jobList,transitions}.test.ts',
    ],
  },
});
