import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';

/** The suite of several hosts with all its jobs: `npm run test:hosts`. `npm test` runs its shorter form among all tests. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['e2e/hosts/**/*.test.ts'],
    env: { HOSTS: 'full' },
    testTimeout: 3_600_000,
  },
});
