import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';
import { AloneFirst, projects } from './vitest.projects.js';

/**
 * What `npm test` leaves out or runs on less, but for the faults and managed services (vitest.faults.config.ts, vitest.managed.config.ts): `npm run test:long`. Each test that
 * is tagged has a shorter one in `npm test` that shows the same promise.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    sequence: { sequencer: AloneFirst },
    projects: projects({
      exclude: ['e2e/{faults,hosts,managed}/**'],
      env: { TEST_FORM: 'long' },
      testTimeout: 600_000,
    }),
  },
});
