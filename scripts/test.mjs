// `npm test`: set-up, types, lint, import rules, all tests in their shorter form. It says first how long it takes, and at the
// end what was skipped and why, and what failed. Arguments are passed to vitest. The last line is always `N passed, N failed`, where a check
// that does not hold counts as a failure beside the tests.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPostgres } from './postgresVersions.mjs';
import { locked, root, setup, setupForTests, typescript } from './setup.mjs';
import { fail, quietly, StepError } from './steps.mjs';
import { countTests, failedTests, skippedTests } from './testReport.mjs';
import { expectedTime, keepTime } from './testTimes.mjs';

const node = process.execPath;
const args = process.argv.slice(2);
const times = join(root, '.cache/test-times.json');
const started = performance.now();
const skipped = [];
const failures = [];
let passed = 0;
let failed = 0;

if (args.length === 0) console.log(expectedTime(times));
try {
  await setup();
  await setupForTests();
  // Two at a time: the compiler takes as long as all the others.
  await Promise.all([
    check('types (tsc -b)', () => locked(() => typescript())),
    (async () => {
      await check('lint (biome check)', () => program('node_modules/@biomejs/biome/bin/biome', 'check', '.'));
      await check('import rules', () => program('scripts/check-imports.mjs'));
      await check('API description (Redocly)', () => program('scripts/checkDescription.mjs'));
      await check('unused code (knip)', () => program('node_modules/knip/bin/knip.js', '--no-progress'));
    })(),
  ]);
  await tests('vitest', args);
  // The oldest version that csvjobs works with; `npm run test:postgres` has those between.
  if (hasPostgres('15')) {
    const some = ['--config', 'vitest.postgres.config.ts', '--passWithNoTests'];
    await tests('vitest, the tests that carry the SQL on PostgreSQL 15', [...some, ...args], {
      TEST_POSTGRES: '15',
      TEST_POSTGRES_SHORT: '1',
    });
  }
} catch (error) {
  failed += 1;
  fail(error);
}
// A part of the tests, or a run that broke off, says nothing of the next one's time.
if (args.length === 0 && passed > 0) keepTime(times, (performance.now() - started) / 1_000);
// With arguments most are skipped because they were not asked for.
if (args.length === 0) for (const line of skipped) console.log(line);
for (const failure of failures) console.log(failure);
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

/** Does a check and prints one line when it ends. A failure is counted, and the next check still runs. */
async function check(title, work) {
  const start = performance.now();
  try {
    await work();
    console.log(`test: ${title} … done (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    console.log(`test: ${title} … failed`);
    if (!(error instanceof StepError)) throw error;
    failed += 1;
    fail(error);
  }
}

function program(path, ...args) {
  return quietly(node, [join(root, path), ...args], { cwd: root });
}

async function tests(title, args, environment = {}) {
  console.log(`test: ${title}`);
  const folder = mkdtempSync(join(tmpdir(), 'csvjobs-test-'));
  try {
    const report = join(folder, 'report.json');
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const child = spawn(
      node,
      [
        ...[vitest, 'run', '--tags-filter=!long', '--reporter=default', '--reporter=json'],
        ...[`--outputFile.json=${report}`, ...args],
      ],
      { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } },
    );
    // vitest ends its servers after Ctrl-C, which a terminal sends to it too, but not after these.
    for (const signal of ['SIGTERM', 'SIGHUP'])
      process.once(signal, () => {
        child.once('close', () => process.exit(128 + constants.signals[signal]));
        child.kill('SIGINT');
      });
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve(status ?? signal));
    });
    const results = reportIn(report);
    const counts = results ? countTests(results) : { passed: 0, failed: 1 };
    if (results) {
      skipped.push(...skippedTests(results, root));
      failures.push(...failedTests(results, root));
    }
    passed += counts.passed;
    // It may fail without a failed test: an unhandled rejection, no test found, a crash.
    failed += Math.max(counts.failed, code === 0 ? 0 : 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Undefined means that vitest crashed. */
function reportIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
