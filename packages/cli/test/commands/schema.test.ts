/** `csvjobs schema`: the --json output of the commands matches the published schemas exactly. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { Peer } from '../peer.js';
import { csvFile, csvjobs, folder, start } from '../spawn.js';

let peer: Peer;
let cwd: string;
let id: string;
beforeEach(async () => {
  peer = await new Peer().listen();
  cwd = folder();
  const errors = [{ rowNumber: 3, message: 'company is required', row: { name: 'A' } }];
  id = peer.addJob({ failedCount: 1, errors, failure: { code: 'x', message: 'y' } }).id;
  writeFileSync(join(cwd, 'in.csv'), 'name,email,company\nAnn,a@b.co,Acme\nBob,A@b.co,Acme\n');
});
afterEach(() => peer.close());
const env = () => ({ CSVJOBS_URL: peer.url });
const run = (...args: string[]) => csvjobs(args, { env: env(), cwd });

/** The published schema, parsed from the program's output. */
async function published(name: string): Promise<z.ZodType> {
  const { stdout } = await run('schema', name);
  const schema = JSON.parse(stdout);
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  return z.fromJSONSchema(schema);
}

async function holds(name: string, ...documents: string[]): Promise<void> {
  const schema = await published(name);
  expect(documents.length).toBeGreaterThan(0);
  for (const document of documents) {
    const value: unknown = JSON.parse(document);
    expect(schema.safeParse(value).error?.issues, document).toBeUndefined();
    // A field that is not in the schema would be an undocumented promise.
    const [first] = Array.isArray(value) ? value : [value];
    const stranger = Array.isArray(value) ? [{ ...first, surprise: 1 }] : { ...first, surprise: 1 };
    expect(schema.safeParse(stranger).success).toBe(false);
  }
}

const lines = (text: string) => text.trim().split('\n');

const IN_SHORT = ['list', 'errors-summary', 'config-list', 'check'];

for (const [name, args] of [
  ['list', ['list', '--json']],
  ['show', ['show', 'ID', '--json']],
  ['errors', ['errors', 'ID', '--json']],
  ['errors-summary', ['errors', 'ID', '--summary', '--json']],
  ['retry', ['retry', 'ID', '--json']],
  ['undo', ['undo', 'ID', '--dry-run', '--json']],
  ['config-list', ['config', 'list', '--json']],
  ['doctor', ['doctor', '--json']],
  ['daemon-status', ['daemon', 'status', '--json']],
  ['daemon-stop', ['daemon', 'stop', '--json']],
  ['check', ['check', 'in.csv', '--json']],
] as [string, string[]][])
  test(name, inShortIf(IN_SHORT.includes(name)), async () => {
    const { stdout } = await run(...args.map((arg) => (arg === 'ID' ? id : arg)));
    await holds(name, ...(name === 'check' ? lines(stdout) : [stdout]));
  });

test('upload, watch, cancel and errors', async () => {
  peer.plan = () => ({ bad: 2 });
  const file = csvFile();
  await holds('upload', (await run('upload', file, '--json')).stdout);
  await holds('watch', ...lines((await run('upload', file, '--watch', '--json')).stdout));
  await holds('watch', ...lines((await run('watch', id, '--json')).stdout));
  const pending = peer.addJob({ status: 'pending' });
  await holds('cancel', (await run('cancel', pending.id, '--json')).stdout);
  await holds('error', (await run('show', 'xyz', '--json')).stderr);
  await holds('error', (await run('upload', 'nowhere.csv', '--json')).stderr);
});

test('tokens, settings, login and delete', async () => {
  await holds('token-create', (await run('token', 'create', '--name', 'ci', '--json')).stdout);
  await holds('token-list', (await run('token', 'list', '--json')).stdout);
  await holds('token-revoke', (await run('token', 'revoke', 'ci', '--json')).stdout);
  await holds('config-get', (await run('config', 'get', 'url', '--json')).stdout);
  await holds('config-set', (await run('config', 'set', 'reconnect', '5m', '--json')).stdout);
  await holds('config-unset', (await run('config', 'unset', 'reconnect', '--json')).stdout);
  await holds('login', (await run('login', peer.url, '--json')).stdout);
  await holds('delete', (await run('delete', id, '--yes', '--json')).stdout);
});

test('list-watch', LONG, async () => {
  const running = start(['list', '--watch', '--json'], { env: env() });
  await running.until((printed) => printed.includes(id));
  running.child.kill('SIGTERM');
  await holds('list-watch', ...lines((await running.ended).stdout));
});

test('names: a table, all with --json, and an error for an unknown one', async () => {
  const { stdout } = await run('schema');
  const all = JSON.parse((await run('schema', '--json')).stdout);
  expect(Object.keys(all).length).toBeGreaterThan(10);
  for (const name of Object.keys(all)) expect(stdout).toContain(`\n${name} `);
  expect(await run('schema', 'nothing')).toMatchObject({ code: 2, stdout: '' });
});
