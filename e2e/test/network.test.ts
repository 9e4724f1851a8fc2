/**
 * As a new user would try it: a token, the daemon on all addresses, used from another machine. The two machines are
 * this test's own network namespaces, so this machine's network is not touched. Needs root and a kernel that
 * allows it (not every container does).
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlace, type Place } from '../support/place.js';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args);
const PROGRAM = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

/** Names unique to this process: other test runs may do the same at the same time. */
const HOST = `cj${process.pid}h`;
const GUEST = `cj${process.pid}g`;
/** Documentation addresses (RFC 5737), known only to these two machines. */
const [HOST_ADDRESS, GUEST_ADDRESS] = ['192.0.2.1', '192.0.2.2'];

/** Tried and undone: the tests themselves may be filtered out. */
const possible = await ip('netns', 'add', HOST)
  .then(() => ip('netns', 'del', HOST))
  .then(
    () => true,
    () => false,
  );

describe.skipIf(!possible)('from another machine', { meta: { needs: 'root, and ip of iproute2' } }, () => {
  const TOKEN = 'planted-token-of-the-network';
  let place: Place;
  let url: string;

  beforeAll(async () => {
    place = await openPlace();
    await ip('netns', 'add', HOST);
    await ip('netns', 'add', GUEST);
    await ip('-n', HOST, 'link', 'add', HOST, 'type', 'veth', 'peer', 'name', GUEST, 'netns', GUEST);
    for (const [machine, address] of [
      [HOST, HOST_ADDRESS],
      [GUEST, GUEST_ADDRESS],
    ] as const) {
      await ip('-n', machine, 'addr', 'add', `${address}/24`, 'dev', machine);
      await ip('-n', machine, 'link', 'set', machine, 'up');
    }
    const daemon = await place.startIn(HOST, { API_HOST: '0.0.0.0', API_TOKEN: TOKEN });
    url = daemon.url.replace('0.0.0.0', HOST_ADDRESS);
  });

  afterAll(async () => {
    await place?.close();
    // This also removes the pair of interfaces.
    for (const machine of [HOST, GUEST]) await ip('netns', 'del', machine);
  });

  /** Runs a Node program on the other machine. */
  const node = (env: Record<string, string>, ...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(
        'ip',
        ['netns', 'exec', GUEST, process.execPath, ...args],
        { env: { PATH: process.env.PATH, HOME: place.folder, ...env } },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  /** The command line on the other machine. */
  const guest = (token: string, ...args: string[]) =>
    node({ CSVJOBS_URL: url, CSVJOBS_TOKEN: token }, PROGRAM, ...args);
  /** The answer to a GET from the other machine. */
  const get = async (path: string, headers: Record<string, string>) => {
    const script = `require('node:http').get(process.argv[1], { headers: JSON.parse(process.argv[2]) }, async (answer) =>
      console.log(JSON.stringify({ status: answer.statusCode, text: (await answer.setEncoding('utf8').toArray()).join('') })))`;
    const { stdout } = await node({}, '-e', script, url + path, JSON.stringify(headers));
    return JSON.parse(stdout) as { status: number; text: string };
  };

  test('no access without a token; with one the main job works, and the metrics change', async () => {
    expect((await guest('', 'list')).code).toBe(4);
    const made = await guest(TOKEN, 'token', 'create', '--name', 'guest', '--scope', 'write');
    const token = made.stdout.trim();
    const file = join(place.folder, 'customers.csv');
    await writeFile(file, 'name,email,company\nAda,ada@example.com,Engines\n,no@example.com,x\n');
    const upload = await guest(token, 'upload', file, '--watch');
    expect(upload.code, upload.stderr).toBe(3);
    const report = join(place.folder, 'errors.csv');
    expect((await guest(token, 'errors', upload.stdout.trim(), '-o', report)).code).toBe(0);
    expect(await readFile(report, 'utf8')).toContain('name is required');

    const { text } = await get('/metrics', { Authorization: `Bearer ${TOKEN}` });
    expect(text).toMatch(/^csvjobs_rows_total\{outcome="loaded",table="customers"\} 1$/m);
    expect(text).toMatch(/^csvjobs_rows_total\{outcome="rejected",table="customers"\} 1$/m);
    // Its scope is write only.
    expect((await guest(token, 'delete', upload.stdout.trim(), '--yes')).code).toBe(4);
  });

  test('a foreign host name that points to the daemon is refused', async () => {
    expect((await get('/healthz', { Host: 'evil.example' })).status).toBe(421);
  });
});
