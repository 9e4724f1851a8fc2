import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';

/** Managed PostgreSQL and Redis, whole: `npm run test:managed`. `npm test` leaves out what is tagged long. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['e2e/managed/**/*.test.ts'],
    testTimeout: 600_000,
  },
});
