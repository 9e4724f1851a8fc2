/** Commands that read files the same way take the same options. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { buildProgram } from '../src/commandLine/build.js';

const program = buildProgram({ stdout: new PassThrough(), stderr: new PassThrough() }, () =>
  Promise.resolve(),
);

function optionsOf(name: string): string[] {
  const command = program.commands.find((each) => each.name() === name);
  return command!.options.flatMap(({ long }) => long ?? []);
}

const TEXT = [
  ...['--encoding', '--delimiter', '--quote', '--escape', '--quotes', '--skip-lines', '--header-rows'],
  ...['--no-header', '--columns', '--comment', '--footer'],
];
const FORMS = ['--null', '--decimal'];
const COLUMNS = [
  ...[
    '--trim',
    '--no-trim',
    '--time-zone',
    '--spec',
    '--like',
    '--map',
    '--default',
    '--constant',
    '--strict',
  ],
  '--into',
];

test.each(['upload', 'check', 'preview', 'map'])(
  '%s: options for reading a file and filling columns',
  (name) => {
    expect(optionsOf(name)).toEqual(expect.arrayContaining([...TEXT, ...FORMS, ...COLUMNS]));
  },
);

test.each(['sniff', 'create-table'])('%s: options for reading a file', (name) => {
  expect(optionsOf(name)).toEqual(expect.arrayContaining([...TEXT, ...FORMS]));
});
