/**
 * The recordings on the front page are of the real program. Each test run replays them and compares the final screen;
 * `npm run record` records them again.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { freePort } from '../../packages/daemon/test/support/freePort.js';
import { drawSvg, lastText } from '../recordings/svg.js';
import { openTerminal } from '../recordings/terminal.js';
import { makeCustomers } from '../support/customers.js';

const RECORDS = process.env.RECORD === '1';
/** Milliseconds between two keys: a typist's pace in a recording. */
const PACE = RECORDS ? 40 : 0;
const SIZE = { columns: 108, rows: 26 };
/** The settings of a recording's daemon, separate from other daemons. */
const PASSED = ['PATH', 'LANG', 'LC_ALL', 'USER', 'LOGNAME'];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'csvjobs-recording-'));
  const bin = join(home, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'csvjobs'),
    `#!/bin/sh\nexec '${process.execPath}' '${here('../../packages/cli/bin/csvjobs.cjs')}' "$@"\n`,
  );
  chmodSync(join(bin, 'csvjobs'), 0o755);
  const passed = PASSED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  env = {
    ...Object.fromEntries(passed),
    PATH: [bin, process.env.PATH].join(delimiter),
    HOME: home,
    CSVJOBS_URL: `http://127.0.0.1:${await freePort()}`,
    DATA_DIR: join(home, 'data'),
  };
  chmodSync(home, 0o755);
  run('daemon', 'start');
  const host = readFileSync(join(home, 'data/postgres/data/postmaster.pid'), 'utf8').split('\n')[4]!;
  const client = new pg.Client({ host, port: 5432, user: 'postgres', database: 'csv_app' });
  await client.connect();
  await client.query(readFileSync(here('../../examples/orders.sql'), 'utf8'));
  await client.end();
  copyFileSync(here('../../examples/orders.csv'), join(home, 'orders.csv'));
  for (const [seed, name] of ['customers.csv', 'customers-2.csv'].entries())
    writeFileSync(join(home, name), makeCustomers(300_000, 0.03, seed).text);
});

afterAll(() => {
  if (env) run('daemon', 'stop');
  rmSync(home, { recursive: true, force: true });
});

function run(...args: string[]): string {
  return execFileSync(join(home, 'bin/csvjobs'), args, { env, cwd: home, encoding: 'utf8' });
}

/** The parts that are the same in each run: not IDs, times, rates, or the number of records in a test run. */
function masked(text: string): string {
  return text
    .replace(/\b[0-9a-f]{8}\b/g, 'xxxxxxxx')
    .replace(/\d[\d,.]*( rows\/s| ms| s\b)/g, 'N$1')
    .replace(/\b\d{1,3}(,\d{3})+\b/g, 'N,NNN')
    .replace(/ +/g, ' ');
}

async function play(name: string, title: string, commands: readonly string[]): Promise<void> {
  const terminal = await openTerminal({ ...SIZE, cwd: home, env });
  for (const command of commands) await terminal.command(command, PACE);
  const path = here(`../../docs/recordings/${name}.svg`);
  if (RECORDS) writeFileSync(path, drawSvg(terminal.frames, { ...SIZE, title }));
  const shown = masked(terminal.history()).split('\n');
  await terminal.close();
  const recorded = masked(lastText(readFileSync(path, 'utf8'))).split('\n');
  // How far the screen is scrolled depends on the highest frame of a live view, and that on the machine.
  expect(shown.slice(-recorded.length)).toEqual(recorded);
}

test('a file into a table, its report, and 300,000 customers', async () => {
  await play(
    'upload',
    'csvjobs uploads a CSV file into a table and shows which rows were rejected, and why',
    [
      'csvjobs upload orders.csv --into orders --watch',
      'csvjobs errors | head -n 4',
      'csvjobs upload customers.csv --watch',
    ],
  );
});

/** Waits until rows are loading, kills the daemon (its PostgreSQL and Redis lose their parent), and restarts it. */
const CRASH = `until csvjobs list | grep -q 'processing *[1-9]'; do :; done
kill -9 $(csvjobs daemon status | sed -n 's/.*pid \\([0-9]*\\).*/\\1/p')
csvjobs daemon start
`;

test('the daemon is killed in the middle of a load, and every row is loaded once', LONG, async () => {
  // The other file has some of the same e-mails. The test above has loaded it, unless only this one runs.
  spawnSync(join(home, 'bin/csvjobs'), ['upload', '--once', 'customers.csv', '--watch'], { env, cwd: home });
  writeFileSync(join(home, 'crash.sh'), CRASH);
  await play(
    'killed',
    'The daemon is killed in the middle of a load and started again; the counts are right',
    ['cat crash.sh', '(sh crash.sh > crash.log 2>&1 &)', 'csvjobs upload customers-2.csv --watch'],
  );
});
