/** The command that is printed for a refused file: the words of this call, with the options that make it work. */
import { expect, test } from 'vitest';
import { commandWith, folderCommand } from '../src/commands/tableHints.js';

test.each([
  [
    ['upload', '--watch', '--token', 'secret'],
    ['--map', 'name=Firma'],
    'csvjobs upload f.csv --watch --map name=Firma',
  ],
  [['upload', '--token=secret', '--map', 'a=b'], ['--map', 'name=Firma'], '--map a=b --map name=Firma'],
  [['check', '--delimiter', '-', '--summary'], ['--delimiter', ';'], "check f.csv --summary --delimiter ';'"],
  [['check', '--delimiter=,', '--json'], ['--delimiter', ';'], "check f.csv --json --delimiter ';'"],
  [['upload', '--yes', 'more'], ['--yes'], 'upload f.csv more --yes'],
  [
    ['upload', '--columns', 'a,b', '-w'],
    ['--no-header', '--columns', 'b,a'],
    'upload f.csv -w --no-header --columns b,a',
  ],
])('%j with %j', (words, options, command) => {
  expect(`${commandWith(words, 'f.csv', options)}$`).toContain(`${command}$`);
});

test('a folder: the same command for its files', () => {
  expect(folderCommand(['upload', '--into', 'a b', '--watch'], './my files')).toBe(
    "csvjobs upload './my files'/*.csv --into 'a b' --watch",
  );
  expect(folderCommand(['upload'], 'data')).toBe('csvjobs upload data/*.csv');
});
