// `npm run test:postgres`: the tests that carry the SQL (vitest.postgres.config.ts) on each version of PostgreSQL given,
// one after the other. A version that npm has not installed here is said aloud and skipped.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { hasPostgres } from './postgresVersions.mjs';
import { root } from './setup.mjs';

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

for (const version of process.argv.slice(2).filter(hasPostgres)) {
  console.log(`test: PostgreSQL ${version}`);
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', 'vitest.postgres.config.ts'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TEST_POSTGRES: version },
  });
  if (status !== 0) process.exitCode = 1;
}
