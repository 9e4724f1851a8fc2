// `npm run setup`: dependencies, build, and a Redis program. Does only what is not done yet; safe to run twice
// at once. quickstart.mjs and test.mjs begin with it.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { withLock } from './lock.mjs';
import { hasPgBouncer, installPgBouncer } from './pgbouncer.mjs';
import { installRedis, redisOnPath } from './redis.mjs';
import { fail, quietly, StepError, step } from './steps.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const NODE_FLOOR = [20, 18, 1];

/** Everything. Throws a StepError that says what to do where it cannot. */
export async function setup() {
  checkNode();
  await step('setup: dependencies', () => locked(installDependencies));
  await step('setup: build', () =>
    locked(() => typescript('packages/shared', 'packages/daemon', 'packages/cli').then(bundle)),
  );
  await step('setup: redis', provideRedis);
}

/** What tests need besides. What cannot be had is said aloud, and its tests are skipped. */
export async function setupForTests() {
  await step('setup: pgbouncer', () =>
    hasPgBouncer()
      ? 'it is there'
      : locked(async () => {
          if (hasPgBouncer()) return 'it is there';
          return installPgBouncer().then(
            () => 'installed',
            (error) => `SKIPPED: ${error.message}`,
          );
        }),
  );
}

/** Builds projects (all without names) with tsc -b. Not while another does: it writes into the same files. */
export function typescript(...projects) {
  return quietly(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', ...projects], {
    cwd: root,
  }).then(() => undefined);
}

/** Does work that writes into the clone while no other set-up does. */
export function locked(work) {
  return withLock(join(root, '.cache/setup.lock'), work);
}

function checkNode() {
  const have = process.versions.node.split('.').map(Number);
  const difference = NODE_FLOOR.map((part, index) => have[index] - part).find((part) => part !== 0) ?? 0;
  if (difference < 0) {
    throw new StepError(
      `csvjobs needs Node ${NODE_FLOOR.join('.')} or newer; this is ${process.versions.node} (${process.execPath}). ` +
        'Install a newer one (https://nodejs.org) and run this again.',
    );
  }
}

async function installDependencies() {
  const stamp = join(root, 'node_modules/.csvjobs-setup');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.version} ${process.platform} ${process.arch}`)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 'as the lock file says';
  // Also what is needed to build, whatever NODE_ENV says.
  await quietly('npm', ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], {
    cwd: root,
  });
  writeFileSync(stamp, wanted);
  return 'npm ci';
}

async function provideRedis() {
  const found = redisOnPath();
  if (found !== undefined) return `${found} is there`;
  if (process.env.REDIS_URL || process.env.REDIS_HOST) return 'yours, by REDIS_URL or REDIS_HOST';
  return locked(async () => redisOnPath() ?? `${await installRedis()} installed`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup().catch(fail);
