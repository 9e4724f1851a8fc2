/** Output that cannot be written, with the real program: never exit 0, never "Unexpected error", for every command. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { inShortIf, sized } from '../../daemon/test/support/form.js';
import { freePort } from '../../daemon/test/support/freePort.js';
import { version } from '../src/version.js';
import { commandNames } from './commandNames.js';
import { makeTable } from './peer/tables.js';
import { HELD, Peer } from './peer.js';
import { csvFile, csvjobs, folder, MAIN } from './spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());

interface Place {
  id: string;
  env: Record<string, string>;
}

/** How each command prints to stdout; the first test checks that none is missing. */
const CALLS: Record<string, (place: Place) => string[][]> = {
  '': () => [['--version'], ['--help']],
  upload: () => [
    ['upload', csvFile()],
    ['upload', csvFile(), '--json'],
    ['upload', csvFile(), '--watch', '--json'],
  ],
  check: () => [
    ['check', badFile()],
    ['check', badFile(), '--json'],
    ['check', badFile(), '--summary'],
  ],
  preview: () => [
    ['preview', badFile(), '--into', 'shop.prices'],
    ['preview', badFile(), '--json'],
  ],
  sniff: () => [
    ['sniff', badFile()],
    ['sniff', badFile(), '--json'],
  ],
  map: () => [
    ['map', badFile()],
    ['map', badFile(), '--json'],
  ],
  'create-table': () => [
    ['create-table', badFile(), '--into', 't'],
    ['create-table', badFile(), '--into', 't', '--json'],
    ['create-table', badFile(), '--into', 't', '--apply'],
  ],
  watch: ({ id }) => [['watch', id, '--json']],
  list: () => [['list'], ['list', '--json'], ['list', '--quiet'], ['list', '--watch']],
  show: ({ id }) => [
    ['show', id],
    ['show', id, '--json'],
  ],
  errors: ({ id }) => [
    ['errors', id],
    ['errors', id, '--format', 'ndjson'],
    ['errors', id, '--summary'],
  ],
  fix: ({ id }) => [['fix', id, '-o', join(folder(), 'fixes.csv')]],
  cancel: () => [['cancel', peer.addJob({ status: 'processing', completedAt: null }).id]],
  accept: () => [
    ['accept', peer.addJob({ status: 'held', completedAt: null, held: HELD }).id],
    ['accept', peer.addJob({ status: 'held', completedAt: null, held: HELD }).id, '--json'],
  ],
  discard: () => [['discard', peer.addJob({ status: 'held', completedAt: null, held: HELD }).id]],
  retry: () => [['retry', peer.addJob({ status: 'failed' }).id]],
  load: () => {
    const dryRun = () => peer.addJob({ status: 'completed', mode: { dryRun: true } }).id;
    return [
      ['load', dryRun()],
      ['load', dryRun(), '--json'],
    ];
  },
  rows: ({ id }) => [
    ['rows', id],
    ['rows', id, '--json'],
  ],
  undo: ({ id }) => [
    ['undo', id, '--dry-run'],
    ['undo', id, '--yes', '--json'],
  ],
  delete: ({ id }) => [['delete', id, '--yes']],
  tables: () => {
    peer.tables = [makeTable('sales', 'orders')];
    return [['tables'], ['tables', '--json'], ['tables', '--quiet']];
  },
  describe: () => {
    peer.tables = [makeTable('sales', 'orders')];
    return [
      ['describe', 'orders'],
      ['describe', 'orders', '--json'],
      ['describe', 'orders', '--spec'],
      ['describe', 'orders', '--yaml'],
    ];
  },
  token: () => [['token', '--help']],
  'token create': () => [['token', 'create', '--name', 'ci']],
  'token list': () => {
    peer.addToken('old');
    return [
      ['token', 'list'],
      ['token', 'list', '--json'],
    ];
  },
  'token revoke': () => [['token', 'revoke', peer.addToken('old').name]],
  webhooks: () => [['webhooks', '--help']],
  'webhooks list': () => {
    peer.webhooks.addEndpoint('erp');
    peer.webhooks.add();
    return [
      ['webhooks', 'list'],
      ['webhooks', 'list', '--json'],
      ['webhooks', 'list', '--quiet'],
    ];
  },
  'webhooks test': () => {
    peer.webhooks.addEndpoint('erp');
    return [
      ['webhooks', 'test'],
      ['webhooks', 'test', '--json'],
    ];
  },
  'webhooks redeliver': () => [
    ['webhooks', 'redeliver', peer.webhooks.add().id],
    ['webhooks', 'redeliver', peer.webhooks.add().id, '--json'],
  ],
  config: () => [['config', '--help']],
  'config get': () => [
    ['config', 'get', 'url'],
    ['config', 'get', 'url', '--json'],
  ],
  'config set': () => [['config', 'set', 'url', 'localhost:4001', '--json']],
  'config unset': () => [['config', 'unset', 'url', '--json']],
  login: () => [['login', peer.url, '--json']],
  'config list': () => [
    ['config', 'list'],
    ['config', 'list', '--json'],
  ],
  schema: () => [['schema'], ['schema', 'show'], ['schema', '--json']],
  doctor: () => [['doctor'], ['doctor', '--json']],
  daemon: () => [['daemon', '--help']],
  'daemon start': () => [['daemon', 'start', '--json']],
  'daemon restart': () => [['daemon', 'restart', '--json']],
  'daemon stop': () => [['daemon', 'stop', '--json']],
  'daemon status': () => [
    ['daemon', 'status'],
    ['daemon', 'status', '--json'],
  ],
  'daemon logs': () => [['daemon', 'logs']],
  completion: () => [
    ['completion', 'bash'],
    ['completion', 'fish'],
  ],
  help: () => [['help'], ['help', 'exit-codes']],
};

test('the table lists every command of the program', () => {
  expect(Object.keys(CALLS).sort()).toEqual(commandNames().sort());
});

function badFile(): string {
  const file = join(folder(), 'bad.csv');
  writeFileSync(file, 'name,email,phone,company\nAnn,nobody,,Acme\n');
  return file;
}

/** Runs csvjobs with stdout (and stderr) on a device or a file. */
async function into(stdout: number, args: string[], env: Record<string, string>, stderr: number | 'pipe') {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder(),
    env: { PATH: process.env.PATH ?? '', HOME: folder(), ...env },
    stdio: ['ignore', stdout, stderr],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

function full(): number {
  const fd = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** Commands that start a daemon. */
const STARTS = ['daemon start', 'daemon restart'];

async function placeOf(name: string): Promise<Place> {
  const errors = [{ rowNumber: 3, message: 'email is not a valid address', row: { email: 'x' } }];
  const { id } = peer.addJob({ failedCount: 1, successCount: 99, errors });
  const url = STARTS.includes(name) ? `http://127.0.0.1:${await freePort()}` : peer.url;
  const state = folder();
  const env = { CSVJOBS_URL: url, XDG_STATE_HOME: state };
  if (name === 'daemon logs') {
    mkdirSync(join(state, 'csvjobs'));
    writeFileSync(join(state, 'csvjobs', `daemon-127.0.0.1-${peer.port}.log`), 'listening\n');
  }
  if (!STARTS.includes(name)) return { id, env };
  const program = fileURLToPath(new URL('fakeDaemon.mjs', import.meta.url));
  const all = { ...env, CSVJOBS_DAEMON: program };
  onTestFinished(async () => void (await csvjobs(['daemon', 'stop'], { env: all })));
  return { id, env: all };
}

// In the short form every sixth: what they write with is the same (src/output).
for (const [at, name] of Object.keys(CALLS).entries())
  describe(`csvjobs ${name}`, inShortIf(at % 6 === 0), () => {
    test('stdout on a full disk: exit 1 with a sentence', { tags: ['sized'] }, async () => {
      const place = await placeOf(name);
      const calls = CALLS[name]?.(place) ?? [];
      const all = name === '' ? calls : [...calls, [...name.split(' '), '--help']];
      for (const args of sized(name === '' ? all : all.slice(0, 1), all)) {
        const { code, said } = await into(full(), args, place.env, 'pipe');
        expect({ args, code, said }).toMatchObject({ code: 1, said: expect.stringMatching(TOLD) });
        expect(said).not.toContain('Unexpected error');
        if (args.includes('--json')) expect(JSON.parse(said)).toMatchObject({ error: { exitCode: 1 } });
      }
    });
  });

const TOLD = /Cannot write to stdout: the output is incomplete[\s\S]*the disk is full/;

test('both streams on a full disk: exit 1, without hanging', async () => {
  const { id, env } = await placeOf('');
  for (const args of [['show', id], ['errors', id], ['upload', csvFile(), '--watch'], ['--version']])
    expect((await into(full(), args, env, full())).code, args.join(' ')).toBe(1);
});

test('only stderr on a full disk: the work continues, with its usual exit code', async () => {
  const { id, env } = await placeOf('');
  const file = openSync(join(folder(), 'out'), 'w');
  onTestFinished(() => closeSync(file));
  expect((await into(file, ['show', id], env, full())).code).toBe(0);
  expect((await into(file, ['upload', csvFile(), '--watch'], env, full())).code).toBe(0);
  expect((await into(file, ['nonsense'], env, full())).code).toBe(2);
});

test('a disk that fills up within a write: detects a short write that node takes for a full one', async () => {
  const cwd = folder();
  const whole = (await csvjobs(['schema', '--json'])).stdout;
  // Only the first 10 KiB of that write succeed (setrlimit(2), RLIMIT_FSIZE).
  const command = `ulimit -f 10; exec '${process.execPath}' '${MAIN}' schema --json > out`;
  const child = spawn('bash', ['-c', command], { cwd, stdio: ['ignore', 'inherit', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(1);
  expect(JSON.parse(said)).toMatchObject({
    error: { code: 'output_failed', why: expect.stringMatching(/ulimit/) },
  });
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe(whole.slice(0, 10_240));
});

test('a file gets everything, appended', async () => {
  const cwd = folder();
  const command = `'${process.execPath}' '${MAIN}' schema show >> out && '${process.execPath}' '${MAIN}' --version >> out`;
  writeFileSync(join(cwd, 'out'), 'before\n');
  await once(spawn('bash', ['-c', command], { cwd }), 'close');
  const { stdout } = await csvjobs(['schema', 'show']);
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe(`before\n${stdout}${version()}\n`);
});
