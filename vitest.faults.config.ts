import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';

/** The whole fault suite, with what is tagged long: `npm run test:faults`. `npm test` runs its shorter form among all tests. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['e2e/faults/**/*.test.ts'],
    env: { FAULTS: 'full' },
    reporters: ['./e2e/faults/reporter.ts'],
    testTimeout: 900_000,
    maxWorkers: 3,
  },
});
