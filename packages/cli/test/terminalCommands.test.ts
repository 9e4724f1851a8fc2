/** Printed commands can be pasted: at any width, with any file name, and under npx. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { crossed, LONG, sized } from '../../daemon/test/support/form.js';
import { asTyped, choosing } from '../src/text/command.js';
import { shellQuote } from '../src/text/text.js';
import { fittingCommands } from '../src/ui/fittingCommands.js';
import { commandNames } from './commandNames.js';
import { VANS, writeVans } from './mapVans.js';
import { refuse } from './peer/answers.js';
import { HELD, Peer } from './peer.js';
import { screenOf } from './screen.js';
import { csvFile, csvjobs, folder, plainText, startOnTerminal } from './spawn.js';

const NAMES = [
  'plain.csv',
  "it's 50% off; rm -rf $HOME.csv",
  '顧客データベース二〇二六年.csv',
  'tab\there and a line\nend.csv',
  'esc\u001b[2J\u202e\u200b.csv',
  'back\\slash "quoted".csv',
  '=equals.csv',
];

test.each(NAMES)('%j survives bash unchanged, without terminal control characters', (name) => {
  const quoted = shellQuote(name);
  expect(quoted).toMatch(/^[^\p{Cc}\p{Cf}]*$/u);
  const told = execFileSync('bash', ['--norc', '-c', `printf %s ${quoted}`], { env: { LC_ALL: 'C.UTF-8' } });
  expect(told.toString('utf8')).toBe(name);
});

test('a word that zsh would take for a program is quoted', () => {
  expect(shellQuote('=ls.csv')).toBe("'=ls.csv'");
});

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.plan = () => ({ bad: 3 });
});
afterEach(() => peer.close());

// In the short form the names that are not plain ASCII; the others are for the shell, which has its own test.
for (const { kind: name, way: columns, options } of crossed(NAMES, [40, 120, 80]))
  test(
    `the report of ${JSON.stringify(name)} at ${columns} columns`,
    /[^ -~]/.test(name) ? options : LONG,
    async () => {
      const { id } = peer.addJob({ filename: name, failedCount: 3, successCount: 97 });
      const running = startOnTerminal(['watch', id], { env: { CSVJOBS_URL: peer.url }, columns });
      const { stdout } = await running.ended;
      // The terminal wraps it, the program does not: a selection on the terminal is one line again.
      const lines = plainText(stdout).split('\n');
      const report = shellQuote(name.replace(/^.*[\\/]/, '').replace('.csv', '.errors.csv'));
      expect(lines).toContain(`  report: csvjobs errors ${id.slice(0, 8)} -o ${report}`);
      expect(lines).toContain(`  to fix them: csvjobs fix ${id.slice(0, 8)}`);
    },
  );

test('in a view that is redrawn a command is complete or absent', LONG, async () => {
  peer.plan = (name) => ({ bad: 3, ...(name === 'b.csv' && { steps: 8, holdAt: 5 }) });
  const long = `${'a long name of a file '.repeat(4)}.csv`;
  const running = startOnTerminal(['upload', csvFile(long, 2), csvFile('b.csv', 3), '--watch'], {
    env: { CSVJOBS_URL: peer.url },
    columns: 40,
  });
  const screen = screenOf(running, 40);
  await screen.until(() => screen.text().includes('1 of 2 files'));
  running.child.stdin?.write('k\r');
  const id = [...peer.jobs.keys()][0]?.slice(0, 8);
  await screen.until(() => screen.text().includes(`report: csvjobs errors ${id}\n`));
  running.child.stdin?.write('q');
  await running.ended;
});

test('an error at 40 columns: prose between words, the command whole; in a pipe nothing is folded', async () => {
  const env = { CSVJOBS_URL: peer.url };
  const name = 'a file with a name that is longer than the terminal is wide.csv';
  const args = ['upload', csvFile(name), '--into', 'nosuch.table'];
  const detail = 'No table has this name among those that this token may load into: '.repeat(3).trim();
  peer.fault = ({ method }, response) => {
    if (method !== 'POST') return false;
    refuse(response, 'table_not_found', detail);
    return true;
  };
  const { stdout } = await startOnTerminal(args, { env, columns: 40, cwd: folder() }).ended;
  const lines = plainText(stdout).replaceAll('\r', '').trimEnd().split('\n');
  const piped = await csvjobs(args, { env, cwd: folder() });
  expect(piped.stderr).toContain(`  why:  ${detail}\n`);
  const command = /csvjobs create-table .*/.exec(piped.stderr)![0];
  expect(command).toContain('longer than the terminal is wide');
  expect(lines.filter((line) => line.length > 40)).toEqual([
    expect.stringMatching(/^ *csvjobs create-table /),
  ]);
  expect(lines.at(-1)!.trim()).toBe(command);
  expect(lines.join(' ').replace(/ +/g, ' ')).toContain(detail);
});

test('under npx they begin with npx: in errors, hints and the result of the view', async () => {
  const npx = { npm_command: 'exec', npm_lifecycle_event: 'npx' };
  const env = { CSVJOBS_URL: peer.url, ...npx };
  const { id } = peer.addJob({ failedCount: 3, successCount: 97 });
  expect((await csvjobs(['show', 'abcdef'], { env })).stderr).toContain('next: npx csvjobs list');
  expect((await csvjobs(['show', id], { env })).stdout).toContain(
    `To fix the remaining rows: npx csvjobs fix ${id.slice(0, 8)}`,
  );
  expect((await csvjobs(['watch', id], { env })).stderr).toContain(`report: npx csvjobs errors ${id}`);
  const uploaded = await startOnTerminal(['upload', csvFile()], { env, cwd: folder() }).ended;
  expect(plainText(uploaded.stdout)).toContain('Watch it: npx csvjobs watch');
  const painted = await startOnTerminal(['watch', id], { env: { ...env, FORCE_COLOR: '1' } }).ended;
  expect(plainText(painted.stdout)).toContain(`report: npx csvjobs errors ${id.slice(0, 8)}`);
  expect((await csvjobs(['accept', id], { env })).stderr).toContain('next: npx csvjobs rows');
  expect((await csvjobs(['nosuch'], { env })).stderr).toContain('next: npx csvjobs --help');
});

test('with --url or --profile they name the same daemon: in errors, hints, plain lines and the result of the view', async () => {
  const at = `csvjobs --url ${peer.url}`;
  const { id } = peer.addJob({ failedCount: 3, successCount: 97 });
  const run = (...args: string[]) => csvjobs([...args, '--url', peer.url]);
  expect((await run('show', 'abcdef')).stderr).toContain(`next: ${at} list\n`);
  expect(JSON.parse((await run('show', 'abcdef', '--json')).stderr).error.next).toBe(`${at} list`);
  expect((await run('show', id)).stdout).toContain(`rows: ${at} fix ${id.slice(0, 8)}`);
  expect((await run('watch', id)).stderr).toContain(`report: ${at} errors ${id}`);
  const onTerminal = async (...args: string[]) =>
    plainText((await startOnTerminal([...args, `--url=${peer.url}`], { cwd: folder() }).ended).stdout);
  expect(await onTerminal('upload', csvFile())).toMatch(`Watch it:\n${at} watch`);
  const seen = await onTerminal('watch', id);
  expect(seen).toContain(`report: ${at} errors ${id.slice(0, 8)}`);
  expect(seen).toContain(`to fix them: ${at} fix ${id.slice(0, 8)}`);
});

test('with --url: what map, the offer of map and doctor print', LONG, async () => {
  const at = `csvjobs --url ${peer.url}`;
  peer.tables = [VANS];
  const cwd = folder();
  writeVans(cwd);
  const into = ['vans.csv', '--into', 'shop.vans'];
  const mapped = await csvjobs(['map', ...into, '--url', peer.url], { cwd });
  expect(mapped.stderr).toContain(`${at} map vans.csv --into shop.vans`);

  const checking = startOnTerminal(['check', ...into, '--url', peer.url], { cwd, columns: 160 });
  const screen = screenOf(checking, 160);
  await screen.until(() => screen.text().includes('Map the columns now?'));
  expect(screen.text()).toMatch(new RegExp(`(next: |or: {3})${at} map vans.csv --into shop.vans`));
  checking.child.stdin?.write('n\r');
  await checking.ended;

  peer.fault = ({ url = '' }, response) => {
    if (url !== '/readyz') return false;
    response.writeHead(503, { 'content-type': 'application/json' });
    const checks = { other: { ok: false, message: 'a part that this version does not know' } };
    response.end(JSON.stringify({ ready: false, version: '0.2.0', checks }));
    return true;
  };
  const examined = await csvjobs(['doctor', '--url', peer.url]);
  expect(examined.stdout).toContain(`next: ${at} daemon logs\n`);
  const { findings } = JSON.parse((await csvjobs(['doctor', '--json', '--url', peer.url])).stdout);
  expect(findings).toContainEqual(expect.objectContaining({ next: `${at} daemon logs` }));
});

test(
  'with --url: the answer to a key of a view, the next command of fix, sniff and describe',
  LONG,
  async () => {
    const at = `csvjobs --url ${peer.url}`;
    peer.tables = [VANS];
    const cwd = folder();
    writeVans(cwd);
    const { id } = peer.addJob({ failedCount: 3, successCount: 97 });
    const run = async (...args: string[]) => (await csvjobs([...args, '--url', peer.url], { cwd })).stdout;
    expect(await run('fix', id, '-o', 'fixes.csv')).toBe(
      `${at} upload fixes.csv --fixes ${id.slice(0, 8)} --watch\n`,
    );
    expect(await run('sniff', 'vans.csv')).toContain(`${at} upload vans.csv`);
    expect(await run('describe', 'shop.vans')).toContain(`Its spec: ${at} describe shop.vans --spec`);

    const held = peer.addJob({ status: 'held', held: HELD, completedAt: null });
    peer.fault = ({ url = '' }, response) => {
      if (!url.endsWith('/accept')) return false;
      refuse(response, 'job_state_conflict', `watch it (csvjobs watch ${held.id})`);
      return true;
    };
    const running = startOnTerminal(['list', '--watch', '--url', peer.url], { columns: 160 });
    const screen = screenOf(running, 160);
    await screen.until(() => screen.text().includes('a accept'));
    running.child.stdin?.write('a');
    await screen.until(() => screen.text().includes('y yes'));
    running.child.stdin?.write('y');
    await screen.until(() => screen.text().includes(`${at} watch ${held.id}`));
    running.child.stdin?.write('q');
    await running.ended;
  },
);

test.each(sized([40], [40, 80, 120]))(
  'inside the live views too, complete or absent at %i columns',
  { tags: ['sized'] },
  async (columns) => {
    peer.plan = (name) => ({ bad: 3, ...(name === 'b.csv' && { steps: 8, holdAt: 5 }) });
    const env = { npm_command: 'exec', npm_lifecycle_event: 'npx' };
    const running = startOnTerminal(
      ['upload', csvFile('a.csv', 2), csvFile('b.csv', 3), '--watch', '--url', peer.url],
      { env, columns },
    );
    const screen = screenOf(running, columns);
    await screen.until(() => screen.text().includes('1 of 2 files'));
    running.child.stdin?.write('k\r');
    const [id = ''] = [...peer.jobs.keys()].map((each) => each.slice(0, 8));
    await screen.until(() => screen.text().includes('completed'));
    const at = `npx csvjobs --url ${peer.url}`;
    if (columns === 40) expect(screen.text()).not.toContain('csvjobs');
    else expect(screen.text()).toContain(`  to fix them: ${at} fix ${id}\n`);
    running.child.stdin?.write('q');
    await running.ended;

    const board = startOnTerminal(['list', '--watch', '--url', peer.url], { env, columns });
    const shown = screenOf(board, columns);
    await shown.until(() => shown.text().includes('a.csv'));
    board.child.stdin?.write('/a.csv\r\r');
    await shown.until(() => /SHA-256/.test(shown.text()));
    for (const line of shown.lines().filter((each) => each.includes('csvjobs')))
      expect(line).toMatch(
        /^(To fix the remaining rows:)? *npx csvjobs --url \S+ (fix|errors) [\da-f]{8}( |$)/,
      );
    if (columns > 40) expect(shown.text()).toContain(`${at} fix ${id}\n`);
    board.child.stdin?.write('q');
    await board.ended;
  },
);

test('a command that does not fit beside its text has a line of its own', () => {
  const typed = (text: string) => asTyped(text, ['--url a:1']).replace('npx csvjobs', 'csvjobs');
  expect(fittingCommands('To load it: csvjobs load x1', 36, typed)).toEqual([
    'To load it:',
    '  csvjobs --url a:1 load x1',
  ]);
  expect(fittingCommands('To load it: csvjobs load x1', 37, typed)).toEqual([
    'To load it: csvjobs --url a:1 load x1',
  ]);
  expect(fittingCommands('To load it: csvjobs load x1', 20, typed)).toEqual([]);
  expect(fittingCommands('a sentence that is longer than it', 20, typed)).toEqual([
    'a sentence that is longer than it',
  ]);
});

test.each(['a', 'no', 'another', 'is not the'])('%s csvjobs daemon is no command', (before) => {
  const sentence = `${before} csvjobs daemon responds there`;
  expect(asTyped(sentence, ['--url a:1'])).toBe(sentence);
});

test.each(commandNames().filter((name) => name !== ''))('csvjobs %s is written for its daemon', (name) => {
  const chosen = choosing(['--url', 'a:1', 'x', '--profile=my prod', '--', '--url', 'b:2']);
  const asks = !/^(config|login|schema|completion|help|sniff)\b/.test(name);
  const options = asks ? " --url a:1 --profile 'my prod'" : '';
  // The tests may run under npx.
  const typed = (text: string) => asTyped(text, chosen).replace('npx csvjobs', 'csvjobs');
  expect(typed(`next: \u001b[38;5;30mcsvjobs ${name} x`)).toBe(
    `next: \u001b[38;5;30mcsvjobs${options} ${name} x`,
  );
  expect(typed(`csvjobs ${name} --url=b:2 --profile p`)).toBe(`csvjobs ${name} --url=b:2 --profile p`);
});
