/** Help for users: what a command is for, its usage, options, examples; and common aliases. */
import type { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildProgram } from '../src/commandLine/build.js';
import { commandNames } from './commandNames.js';
import { Peer } from './peer.js';
import { csvjobs, plainText, startOnTerminal } from './spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());

/** The help of a command or subcommand. */
function helpOf(name: string): string {
  let text = '';
  const stream = { write: (part: string) => (text += part) } as unknown as NodeJS.WritableStream;
  let command: Command = buildProgram({ stdout: stream, stderr: stream }, () => {});
  for (const word of name.split(' ').filter(Boolean))
    command = command.commands.find((each) => each.name() === word)!;
  command.outputHelp();
  return text;
}

test.each(commandNames().filter((name) => name !== ''))(
  'csvjobs %s: description, options, examples, and the global options on one line',
  (name) => {
    const text = helpOf(name);
    expect(text).toMatch(/^Usage: csvjobs .*\n\n[^\s]/);
    expect(text.match(/^Global options/gm)).toEqual(['Global options']);
    const [, globals = ''] = /^Global options \(csvjobs --help\): (.*)$/m.exec(text) ?? [];
    expect(globals.split(', ')).toEqual(expect.arrayContaining(['--url', '--json', '--quiet']));
    if (/^Examples:/m.test(text)) expect(text.indexOf('Examples:')).toBeGreaterThan(text.indexOf('Options:'));
  },
);

/** The command of a name, in a program that does nothing. */
function commandOf(name: string): { program: Command; command: Command } {
  const stream = { write: () => true } as unknown as NodeJS.WritableStream;
  const program = buildProgram({ stdout: stream, stderr: stream }, () => {});
  const command = name
    .split(' ')
    .reduce((parent, word) => parent.commands.find((each) => each.name() === word)!, program);
  return { program, command };
}

test.each(
  commandNames().filter((name) => {
    if (name === '') return false;
    const { command } = commandOf(name);
    return command.commands.length === 0 && !command.registeredArguments.at(-1)?.variadic;
  }),
)('csvjobs %s: an argument too many is refused', (name) => {
  const { program, command } = commandOf(name);
  const needed = command.options.filter(({ mandatory }) => mandatory).flatMap(({ long = '' }) => [long, 'x']);
  const words = Array.from({ length: command.registeredArguments.length + 1 }, () => 'x');
  expect(() => program.parse([...name.split(' '), ...needed, ...words], { from: 'user' })).toThrow(
    /too many arguments/i,
  );
});

test('the program lists its commands by purpose', () => {
  const text = helpOf('');
  const groups = ['Files:', 'Jobs:', 'Tables:', 'Daemon and access:', 'csvjobs itself:'];
  const places = groups.map((group) => text.indexOf(`\n${group}\n`));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(Math.min(...places)).toBeGreaterThan(0);
});

test('csvjobs alone prints a short help, without an error', async () => {
  const { code, stdout, stderr } = await csvjobs([]);
  expect(code).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toContain('csvjobs upload customers.csv --watch');
  expect(stdout.split('\n').length).toBeLessThan(15);
});

test.each([
  [40, []],
  [80, []],
  [40, ['upload', '--help']],
])('at %i columns help is folded between words, and no command is: %j', async (columns, args) => {
  const { stdout } = await startOnTerminal(args, { columns }).ended;
  const wide = plainText(stdout)
    .split(/\r?\n/)
    .filter((line) => line.length > columns);
  // A quoted value is as whole as a command.
  for (const line of wide) expect(line).toMatch(/^ *(csvjobs |\S*'[^']*'\S*$)/);
  if (args.length === 0) expect(wide).toEqual([]);
});

test('common aliases: ls, rm, status, version, -v', async () => {
  const env = { CSVJOBS_URL: peer.url };
  const { id } = peer.addJob();
  expect((await csvjobs(['ls', '--quiet'], { env })).stdout).toBe(`${id}\n`);
  expect((await csvjobs(['status', '--quiet'], { env })).stdout).toBe(`${id}\n`);
  const version = (await csvjobs(['--version'])).stdout;
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
  for (const word of ['version', '-v', '-V']) expect((await csvjobs([word])).stdout).toBe(version);
  expect((await csvjobs(['help', 'ls'])).stdout).toMatch(/^Usage: csvjobs list/);
  expect(await csvjobs(['help', 'version'])).toEqual(await csvjobs(['--help']));
  expect((await csvjobs(['__complete', 'zsh', '--', 'rm', ''], { env })).stdout).toContain(id.slice(0, 8));
  expect((await csvjobs(['rm', id, '--yes'], { env })).stdout).toBe(`${id}\n`);
});

test('--no-color on a terminal: no colour, but the symbols stay', async () => {
  peer.addJob({ failedCount: 3, successCount: 97 });
  const env = { CSVJOBS_URL: peer.url };
  const { stdout } = await startOnTerminal(['list', '--no-color'], { env }).ended;
  expect(stdout).not.toContain('\u001b[');
  expect(stdout).toContain('! completed');
});
