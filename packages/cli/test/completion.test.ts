/** Tab in real shells: bash and zsh on a terminal, fish with its own `complete -C`. Shells that are not installed are skipped. */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LONG, sized } from '../../daemon/test/support/form.js';
import { makeTable } from './peer/tables.js';
import { Peer } from './peer.js';
import { screenOf } from './screen.js';
import { csvjobs, folder, MAIN, startCommandOnTerminal } from './spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());

/** On a busy machine a request takes longer than a user would wait. */
const PATIENT = { CSVJOBS_COMPLETE_TIMEOUT: '60s' };

/** The lines that `csvjobs __complete` prints for the words typed so far. */
async function suggestions(shell: string, ...words: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await csvjobs(['__complete', shell, '--', ...words], {
    env: { CSVJOBS_URL: peer.url, ...PATIENT },
  });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return stdout.split('\n').slice(0, -1);
}

const values = (lines: readonly string[]) => lines.map((line) => line.split('\t')[0]);

describe('suggestions', () => {
  test('commands, subcommands, and help topics; nothing hidden', async () => {
    const all = values(await suggestions('zsh', ''));
    expect(all).toEqual(expect.arrayContaining(['upload', 'list', 'errors', 'completion', 'help']));
    expect(all).not.toContain('__complete');
    expect(values(await suggestions('zsh', 'daemon', 'st'))).toEqual(['start', 'stop', 'status']);
    expect(values(await suggestions('zsh', 'help', 'ex'))).toEqual(['exit-codes']);
    expect(values(await suggestions('zsh', 'help', 'token', 'r'))).toEqual(['revoke']);
    expect(await suggestions('zsh', 'nonsense', '')).toEqual([]);
  });

  test('profiles of the configuration file', async () => {
    const home = folder();
    const file = join(home, 'csvjobs', 'config.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ profiles: { prod: {}, stage: {} } }));
    const env = { CSVJOBS_URL: peer.url, XDG_CONFIG_HOME: home };
    const { stdout } = await csvjobs(['__complete', 'zsh', '--', 'list', '--profile', ''], { env });
    expect(stdout).toBe('prod\nstage\n');
  });

  test('flags of the command, global flags, and their values', LONG, async () => {
    expect(values(await suggestions('zsh', 'errors', '--'))).toEqual(
      expect.arrayContaining(['--output', '--format', '--excel', '--json', '--url', '--help']),
    );
    expect(values(await suggestions('zsh', 'errors', 'x', '--format', ''))).toEqual([
      'csv',
      'json',
      'ndjson',
    ]);
    expect(values(await suggestions('zsh', '--progress', 'p'))).toEqual(['plain']);
    expect(values(await suggestions('zsh', 'list', '-s', 'failed,c'))).toEqual([
      'failed,completed',
      'failed,cancelled',
    ]);
    expect(values(await suggestions('zsh', 'list', '--status=fa'))).toEqual(['--status=failed']);
    expect(values(await suggestions('bash', 'list', '--status', '=', 'fa'))).toEqual(['failed']);
    expect(values(await suggestions('bash', 'list', '--status', '='))).toContain('failed');
    expect(values(await suggestions('zsh', 'list', '--columns', 'id,s'))).toEqual(['id,status']);
    expect(values(await suggestions('zsh', 'config', 'set', ''))).toEqual(['url', 'progress', 'reconnect']);
    expect(values(await suggestions('zsh', 'config', 'unset', 't'))).toEqual(['token']);
    expect(values(await suggestions('zsh', 'completion', ''))).toEqual(['bash', 'zsh', 'fish']);
    expect(values(await suggestions('zsh', 'check', 'a.csv', '--encoding', 'windows-12'))).toEqual([
      'windows-1252',
      'windows-1250',
      'windows-1251',
    ]);
    expect(values(await suggestions('zsh', 'show', '@'))).toEqual([
      '@last',
      '@last:failed',
      '@last:completed',
      '@last:held',
    ]);
    expect(values(await suggestions('zsh', 'retry', '@'))).toEqual(['@last', '@last:failed']);
    expect(values(await suggestions('zsh', 'schema', 'list-'))).toEqual(['list-watch']);
  });

  test('files for a command that takes a file', async () => {
    for (const words of [
      ['upload', ''],
      ['check', 'a.csv', 'b'],
      ['errors', 'x', '-o', ''],
      ['watch', '--junit=r'],
    ])
      expect(await suggestions('zsh', ...words)).toEqual([':files']);
  });

  test('IDs of the jobs that the command applies to, newest first, with status and name', async () => {
    peer.addJob({ filename: 'good.csv' });
    peer.addJob({ filename: 'bad\u001b[31m.csv', failedCount: 2 });
    peer.addJob({ filename: 'lost.csv', status: 'failed', processedRows: 40 });
    const [lost = '', bad = '', good = ''] = [...peer.jobs.keys()].reverse();
    const short = (id: string) => id.slice(0, 8);
    expect(await suggestions('fish', 'show', '')).toEqual([
      `${short(lost)}\tfailed, lost.csv`,
      `${short(bad)}\tcompleted, bad␛[31m.csv`,
      `${short(good)}\tcompleted, good.csv`,
    ]);
    expect(values(await suggestions('fish', 'errors', ''))).toEqual([short(bad)]);
    expect(values(await suggestions('fish', 'retry', ''))).toEqual([short(lost)]);
    expect(await suggestions('fish', 'cancel', '')).toEqual([]);
    expect(values(await suggestions('fish', 'watch', short(lost), ''))).toEqual([short(bad), short(good)]);
    // Typing beyond the short ID completes to the full one.
    expect(values(await suggestions('fish', 'show', bad.slice(0, 12)))).toEqual([bad]);
  });

  test('tables for --into, without the schema if that is enough', { tags: ['sized'] }, async () => {
    peer.tables = [
      ['sales', 'orders'],
      ['sales', 'shared'],
      ['public', 'shared'],
    ].map(([schema = '', name = '']) => makeTable(schema, name));
    const all = [
      ['upload', 'a.csv', '--into'],
      ['check', 'a.csv', '--into'],
      ['create-table', '--into'],
      ['describe'],
    ];
    for (const words of sized(all.slice(0, 1), all)) {
      expect(values(await suggestions('fish', ...words, 'sales.o'))).toEqual(['sales.orders']);
      expect(values(await suggestions('fish', ...words, 'ord'))).toEqual(['orders']);
      expect(values(await suggestions('fish', ...words, 'sha'))).toEqual([]);
    }
    peer.tables = [makeTable('sales', '$(x)'), makeTable('sales', 'Order Lines')];
    // bash inserts them as they are, and the other two quote them.
    const [first, second] = [`'sales."$(x)"'`, `'sales."Order Lines"'`];
    expect(values(await suggestions('bash', 'describe', ''))).toEqual([first, second]);
    expect(values(await suggestions('bash', 'describe', 'sales.'))).toEqual([first, second]);
    expect(values(await suggestions('fish', 'describe', 'sales.'))).toEqual([
      'sales."$(x)"',
      'sales."Order Lines"',
    ]);
    peer.tables = [makeTable('sales', 'orders')];
    expect(values(await suggestions('zsh', 'upload', '--into=sales.o'))).toEqual(['--into=sales.orders']);
  });

  test(
    'asks the daemon of --url; one that is down, silent or strict gives no suggestion and no error',
    LONG,
    async () => {
      peer.addJob({ filename: 'a.csv' });
      const ask = async (url: string, env: Record<string, string> = {}) =>
        csvjobs(['__complete', 'fish', '--', '--url', url, 'show', ''], { env });
      expect((await ask(peer.url, { CSVJOBS_URL: 'http://127.0.0.1:1', ...PATIENT })).stdout).toContain(
        'a.csv',
      );
      const nothing = { stdout: '', stderr: '', code: 0, signal: null };
      expect(await ask('http://127.0.0.1:1')).toEqual(nothing);
      peer.token = 'needed';
      expect(await ask(peer.url)).toEqual(nothing);
      peer.token = undefined;
      // Accepts the request and never answers.
      peer.fault = () => true;
      expect(await ask(peer.url)).toEqual(nothing);
    },
  );
});

test('an unsupported shell', async () => {
  const { stderr, code } = await csvjobs(['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});

/** A folder with `csvjobs` as a command, the scripts of all shells, and a file to complete. */
async function surroundings(): Promise<{ cwd: string; env: Record<string, string> }> {
  const cwd = folder();
  mkdirSync(join(cwd, 'bin'));
  writeFileSync(join(cwd, 'bin', 'csvjobs'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(join(cwd, 'bin', 'csvjobs'), 0o755);
  writeFileSync(join(cwd, 'my customers.csv'), '');
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(cwd, `completion.${shell}`), (await csvjobs(['completion', shell])).stdout);
  const PATH = [join(cwd, 'bin'), dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
  return { cwd, env: { PATH, HOME: cwd, CSVJOBS_URL: peer.url, TERM: 'xterm', ...PATIENT } };
}

const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

describe.each([
  ['bash', 'bash --norc --noprofile', `PS1='ready> '; source completion.bash`],
  ['zsh', 'zsh -f', `PS1='ready> '; autoload -U compinit; compinit -u; source completion.zsh`],
])('%s on a terminal', (shell, command, setUp) => {
  const needs = { meta: { needs: shell } };
  test.skipIf(!isInstalled(shell))('Tab completes commands, flags, ids and files', needs, async () => {
    peer.addJob({ filename: 'bad.csv', failedCount: 2 });
    const [id = ''] = peer.jobs.keys();
    const { cwd, env } = await surroundings();
    const terminal = startCommandOnTerminal(command, { cwd, env });
    const screen = screenOf(terminal, 120);
    const types = (keys: string) => terminal.child.stdin?.write(keys);
    // Not before the shell is ready: input may be lost while it switches the terminal from lines to keys, as zsh's
    // own source says (zsetterm in zle_main.c).
    await screen.until(() => /[#$%] $/.test(screen.beforeCursor()));
    types(`${setUp}\n`);
    await screen.until(() => screen.beforeCursor() === 'ready> ');
    for (const [keys, line] of [
      ['csvjobs err\t', 'csvjobs errors '],
      ['--for\t', 'csvjobs errors --format '],
      ['nd\t', 'csvjobs errors --format ndjson '],
      ['-o my\t', 'csvjobs errors --format ndjson -o my\\ customers.csv '],
      ['\t', `csvjobs errors --format ndjson -o my\\ customers.csv ${id.slice(0, 8)} `],
    ] as const) {
      types(keys);
      await screen.until(() => screen.beforeCursor() === `ready> ${line}`);
    }
    // Erases the line. Control-C would too, but bash sometimes misses it right after a completion.
    types('\u0015');
    await screen.until(() => screen.beforeCursor() === 'ready> ');
    types('exit\n');
    await terminal.ended;
  });
});

test.skipIf(!isInstalled('fish'))(
  'fish completes commands, flags, ids and files',
  { meta: { needs: 'fish' } },
  async () => {
    peer.addJob({ filename: 'bad.csv', failedCount: 2 });
    const [id = ''] = peer.jobs.keys();
    const { cwd, env } = await surroundings();
    const completed = async (line: string) => {
      const script = 'source completion.fish; complete -C $argv[1]';
      const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', script, line], { cwd, env });
      return stdout.split('\n').slice(0, -1);
    };
    expect(await completed('csvjobs err')).toEqual(['errors\tprint the report of rejected rows of a job']);
    expect(values(await completed('csvjobs errors --for'))).toEqual(['--format']);
    expect(await completed('csvjobs list --status=fa')).toEqual(['--status=failed']);
    expect(await completed('csvjobs errors ')).toEqual([`${id.slice(0, 8)}\tcompleted, bad.csv`]);
    expect(values(await completed('csvjobs upload my'))).toEqual(['my customers.csv']);
    expect(values(await completed('csvjobs watch --junit=my'))).toEqual(['--junit=my customers.csv']);
  },
);
