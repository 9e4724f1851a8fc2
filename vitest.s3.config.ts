import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';

/**
 * The suite of the stores on a real S3 server, OpenStack Swift from Debian's packages: `npm run test:s3`. `npm test` runs it on an
 * imitation.
 */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['packages/daemon/test/storage/*.s3.ts'] },
});
