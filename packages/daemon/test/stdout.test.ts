/** The output of csvjobsd is complete, or the exit code and a message say that it is not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inShortIf } from './support/form.js';
import { createDatabase, type TestDatabase } from './support/postgres.js';
import { DAEMON } from './support/programs.js';

const FULL = /^csvjobsd: cannot write to stdout: the disk is full; the output is incomplete\n$/;

let cwd: string;
let database: TestDatabase;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'csvjobs-stdout-'));
  database = await createDatabase();
  const rows = Array.from({ length: 2_000 }, (_, index) => `Ann ${index},nobody,,Acme\n`);
  writeFileSync(join(cwd, 'in.csv'), `name,email,phone,company\n${rows.join('')}`);
});
afterAll(async () => {
  await database.drop();
  rmSync(cwd, { recursive: true, force: true });
});

/** Runs a line of bash, in which $csvjobsd is the program. */
async function bash(line: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const { host, port, user, database: name } = database.connection;
  const env = {
    ...process.env,
    csvjobsd: `${process.execPath} ${DAEMON}`,
    ...{ DB_HOST: host, DB_PORT: String(port), DB_USER: user, DB_NAME: name },
    REDIS_URL: 'redis://127.0.0.1:9',
    DATA_DIR: join(cwd, 'data'),
  };
  const child = spawn('bash', ['-c', line], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

/** In the short form one that prints rows, one that prints a document, and one that prints text. */
const COMMANDS = [
  'check in.csv',
  'sniff in.csv',
  'propose-table in.csv --into t',
  '--help',
  '--version',
  '--check-config',
  'migrate',
];
for (const args of COMMANDS)
  test(`csvjobsd ${args} on a full disk: exit 1 with a message`, inShortIf(/^check/.test(args)), async () => {
    const { code, stderr } = await bash(`$csvjobsd ${args} > /dev/full`);
    expect(stderr).toMatch(FULL);
    expect(code).toBe(1);
  });

for (const args of ['check in.csv', 'propose-table in.csv --into t', '--help', '--check-config'])
  test(
    `csvjobsd ${args} into a closed pipe: no message, exit 0`,
    inShortIf(/^check|help/.test(args)),
    async () => {
      const { stdout, stderr } = await bash(`$csvjobsd ${args} | true; echo "\${PIPESTATUS[0]}"`);
      expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
    },
  );

test('a disk that becomes full during the last write', async () => {
  const whole = (await bash('$csvjobsd check in.csv')).stdout;
  // A limit of whole KiB within the last line of the check's output: write(2) writes part of it and returns
  // that.
  const { code, stderr } = await bash(
    `ulimit -f ${Math.floor(whole.length / 1024)}; $csvjobsd check in.csv > out`,
  );
  expect(stderr).toContain('cannot write to stdout');
  expect(code).toBe(1);
  expect(whole.startsWith(readFileSync(join(cwd, 'out'), 'utf8'))).toBe(true);
});

test('a file has all of it, like a pipe', async () => {
  const whole = (await bash('$csvjobsd check in.csv')).stdout;
  expect(whole.trim().split('\n')).toHaveLength(2_002);
  await bash('$csvjobsd check in.csv > out');
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe(whole);
});
