import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What all configurations have: each test file in a process of its own. vitest.config.ts lets most of them share one. */
export default defineConfig({
  test: {
    pool: 'forks',
    // Tests often wait for a process or a server: on two cores, two workers use 61 % of the CPU, three 88 %.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // What tests start is compiled from the sources as they are; real PostgreSQL and Redis, when the first test asks for one.
    globalSetup: [
      'scripts/memoryFolder.mjs',
      'scripts/currentBuild.mjs',
      'packages/daemon/test/support/globalSetup.ts',
    ],
    // What the daemons of a file have logged and answered is looked at when the file is done.
    setupFiles: [
      'packages/daemon/test/support/cpu.ts',
      'packages/daemon/test/support/patience.ts',
      'packages/daemon/test/watch/atTheEnd.ts',
    ],
    // No test is a matter of seconds: these end what hangs, also on two cores with a load of 15.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // What a test says of itself with `{ tags: … }`. `npm test` leaves the first out, `npm run test:long` has both.
    tags: [
      { name: 'long', description: 'shows more of a promise that a shorter test shows too' },
      { name: 'sized', description: 'works on less in npm test (test/support/form.ts)' },
    ],
    // A leak is a defect: an unhandled rejection fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
  resolve: {
    // Tests read the sources of shared, so that a change shows without a build.
    alias: {
      '@csvjobs/shared/customerSchema': source('./packages/shared/src/customerSchema.ts'),
      '@csvjobs/shared/paths': source('./packages/shared/src/paths.ts'),
      '@csvjobs/shared/reading': source('./packages/shared/src/reading.ts'),
      '@csvjobs/shared/reason': source('./packages/shared/src/reason.ts'),
      '@csvjobs/shared/rules': source('./packages/shared/src/rules.ts'),
      '@csvjobs/shared': source('./packages/shared/src/index.ts'),
    },
  },
});
