/** Prose is folded between words; commands never are. */
import { expect, test } from 'vitest';
import { folded } from '../../src/text/fold.js';

test.each<[string, string, string[]]>([
  [
    'after the number of a list, too',
    '  3  rejected rows, more than --max-errors allows',
    ['  3  rejected rows, more than', '     --max-errors allows'],
  ],
  [
    'after a label, later lines begin where the text does',
    '  why:  missing columns: name, email, company; found: a',
    ['  why:  missing columns: name, email,', '        company; found: a'],
  ],
  [
    'a command that does not fit beside its text has a line of its own',
    '  next: correct the spec; csvjobs describe <table> --spec prints one that works',
    ['  next: correct the spec;', '        csvjobs describe <table> --spec', '        prints one that works'],
  ],
  [
    'a command wider than the terminal is left to it',
    "  next: csvjobs upload 'a name with blanks, and commas.csv' --map 'name=First Name'",
    ['  next:', "  csvjobs upload 'a name with blanks, and commas.csv' --map 'name=First Name'"],
  ],
  [
    'a command ends with its sentence',
    'It says nothing of it. For another: csvjobs check it.csv --into <table>. It is the last of all of them',
    [
      'It says nothing of it. For another:',
      'csvjobs check it.csv --into <table>. It',
      'is the last of all of them',
    ],
  ],
  [
    'of several commands, each',
    'csvjobs undo 3f2a9c1e --yes, or csvjobs undo 3f2a9c1e --dry-run to see which rows',
    ['csvjobs undo 3f2a9c1e --yes, or', 'csvjobs undo 3f2a9c1e --dry-run to see', 'which rows'],
  ],
  [
    'options before the name of a command, npx, and variables',
    'start it with XDG_STATE_HOME=/var/lib/csvjobs csvjobs daemon start; npx csvjobs --url http://a:1 list --limit 100',
    [
      'start it with',
      'XDG_STATE_HOME=/var/lib/csvjobs csvjobs daemon start;',
      'npx csvjobs --url http://a:1 list --limit 100',
    ],
  ],
  [
    'an apostrophe begins no quotation',
    "the daemon's admin won't see the user's files, and the user won't see",
    ["the daemon's admin won't see the user's", "files, and the user won't see"],
  ],
  [
    'styles have no width, and letters of two cells have two',
    '\u001b[31m\u001b[1merror:\u001b[22m\u001b[39m 顧客データベース二〇二六年.csv cannot be read',
    ['\u001b[31m\u001b[1merror:\u001b[22m\u001b[39m 顧客データベース二〇二六年.csv', '       cannot be read'],
  ],
  [
    'what explains a command is not a part of it',
    '  csvjobs upload customers.csv --watch    load a file and watch it',
    ['  csvjobs upload customers.csv --watch', '  load a file and watch it'],
  ],
  ['a line that fits keeps its spaces', ' 3 rows   removed', [' 3 rows   removed']],
])('%s', (_, text, lines) => expect(folded(text, 40).split('\n')).toEqual(lines));
