/** The command that is printed for a refused file: the words of this call, with the options that make it work. */
import { expect, test } from 'vitest';
import { commandWith, folderCommand } from '../src/commands/tableHints.js';
import { withTypedOptions } from '../src/commands/typedOptions.js';

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

test('a property of the spec is named as the option that has set it, and as itself if none has', () => {
  const words = ['upload', '--key', 'sku', '--map=a=b', '--on-conflict', 'update', '--update-only'];
  const named = (text: string) => withTypedOptions(text, words);
  expect(named('csvjobs.key: sku is in no key; csvjobs.updateOnly needs csvjobs.mode update')).toBe(
    '--key: sku is in no key; --update-only needs --on-conflict update',
  );
  expect(named('csvjobs.firstOf: a, csvjobs.combine: b')).toBe('--map: a, --map: b');
  expect(named('csvjobs.keyed, csvjobs.blanks, csvjobs describe')).toBe(
    'csvjobs.keyed, csvjobs.blanks, csvjobs describe',
  );
});
