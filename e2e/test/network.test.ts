/**
 * As a new user would try it: a token, the daemon on all addresses, used from a second network namespace of this machine,
 * which is to it what another machine is. Needs root and a kernel that lets it (not every container does).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../packages/daemon/test/support/postgres.js';
import { type TestRedis, useRedis } from '../../packages/daemon/test/support/redis.js';
import { csvjobsWith } from '../support/cli.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args);
const PROGRAM = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

/** Names and addresses of this process alone: other runs of the tests may do the same at this moment. */
const here = `cj${process.pid}`;
const [a, b] = [1 + (process.pid % 250), Math.floor(process.pid / 250) % 250];
const [HOST, GUEST] = [`10.${a}.${b}.1`, `10.${a}.${b}.2`];

/** Tried, and taken back: the tests themselves may be filtered out. */
const possible = await ip('netns', 'add', here)
  .then(() => ip('netns', 'del', here))
  .then(
    () => true,
    () => false,
  );

describe.skipIf(!possible)('from a second network namespace', () => {
  const TOKEN = 'planted-token-of-the-network';
  let database: TestDatabase;
  let redis: TestRedis;
  let folder: string;
  let daemon: RunningDaemon;
  let url: string;

  beforeAll(async () => {
    await ip('netns', 'add', here);
    await ip('link', 'add', `${here}h`, 'type', 'veth', 'peer', 'name', `${here}g`, 'netns', here);
    await ip('addr', 'add', `${HOST}/24`, 'dev', `${here}h`);
    await ip('link', 'set', `${here}h`, 'up');
    await ip('-n', here, 'addr', 'add', `${GUEST}/24`, 'dev', `${here}g`);
    await ip('-n', here, 'link', 'set', `${here}g`, 'up');
    folder = await mkdtemp(join(tmpdir(), 'csvjobs-network-'));
    database = await createDatabase();
    redis = await useRedis();
    const { host, user, database: name } = database.connection;
    daemon = await startDaemon({
      ...{ DB_HOST: host, DB_USER: user, DB_NAME: name, DATA_DIR: folder },
      ...{ REDIS_URL: `unix://${redis.options.path}`, QUEUE_PREFIX: redis.prefix },
      ...{ API_HOST: '0.0.0.0', API_TOKEN: TOKEN },
    });
    url = daemon.url.replace('0.0.0.0', HOST);
  });

  afterAll(async () => {
    await daemon?.stop();
    await redis?.close();
    await database?.drop();
    // With it goes the pair of interfaces.
    await ip('netns', 'del', here);
    await rm(folder, { recursive: true, force: true });
  });

  /** The command line over there. */
  function guest(
    token: string,
    ...args: string[]
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const env = { PATH: process.env.PATH, HOME: folder, CSVJOBS_URL: url, CSVJOBS_TOKEN: token };
    return new Promise((resolve) => {
      execFile(
        'ip',
        ['netns', 'exec', here, process.execPath, PROGRAM, ...args],
        { env },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  }

  test('without a token nothing; with one the main job, and the metrics move', async () => {
    expect((await guest('', 'list')).code).toBe(4);
    const made = await csvjobsWith(
      { CSVJOBS_URL: url, CSVJOBS_TOKEN: TOKEN },
      ...['token', 'create', '--name', 'guest', '--scope', 'write'],
    );
    const token = made.stdout.trim();
    const file = join(folder, 'customers.csv');
    await writeFile(file, 'name,email,company\nAda,ada@example.com,Engines\n,no@example.com,x\n');
    const upload = await guest(token, 'upload', file, '--watch');
    expect(upload.code, upload.stderr).toBe(3);
    const report = join(folder, 'errors.csv');
    expect((await guest(token, 'errors', upload.stdout.trim(), '-o', report)).code).toBe(0);
    expect(await readFile(report, 'utf8')).toContain('name is required');

    const metrics = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } });
    const text = await metrics.text();
    expect(text).toMatch(/^csvjobs_rows_total\{outcome="loaded"\} 1$/m);
    expect(text).toMatch(/^csvjobs_rows_total\{outcome="rejected"\} 1$/m);
    // It may write, and no more than that.
    expect((await guest(token, 'delete', upload.stdout.trim(), '--yes')).code).toBe(4);
  });

  test('a name that somebody pointed at the daemon is not answered to', async () => {
    const { stdout } = await run('ip', [
      ...['netns', 'exec', here, process.execPath, '-e'],
      `require('node:http').get(process.argv[1], { headers: { Host: 'evil.example' } }, (answer) => { console.log(answer.statusCode); answer.destroy(); })`,
      `${url}/healthz`,
    ]);
    expect(stdout.trim()).toBe('421');
  });
});
