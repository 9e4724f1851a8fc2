/** Each `csvjobs` command in a document is one that the program has, with its options, their choices and arguments. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../src/commandLine/build.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const documents = execFileSync(
  'git',
  ['ls-files', 'README.md', 'RELEASE_NOTES.md', 'CONTRIBUTING.md', 'docs/*.md'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .trim()
  .split('\n')
  .filter((path) => !path.startsWith('docs/decisions/'));

/** Width of the terminal in which docs/walks was recorded: a line of this length continues on the next one. */
const WALK_COLUMNS = 80;

/** The lines of a block of code; of a session on a terminal only what was typed. */
function linesOf(block: string, isWalk: boolean): string[] {
  const lines: string[] = [];
  for (const line of block.replace(/\\\n\s*/g, '').split('\n')) {
    const last = lines.at(-1);
    if (isWalk && last?.startsWith('$ ') && last.length % WALK_COLUMNS === 0)
      lines[lines.length - 1] = last + line;
    else if (!/^Usage: |^csvjobs (daemon,|itself:)/.test(line)) lines.push(line);
  }
  const typed = lines.filter((line) => line.startsWith('$ '));
  return typed.length > 0 ? typed : lines;
}

/** The code of a document: its blocks, line by line, and what is in backquotes. */
function codeOf(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8');
  const isWalk = document.startsWith('docs/walks/');
  const blocks = text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm);
  const inline = text.replace(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`([^`]+)`/g);
  return [
    ...[...blocks].flatMap(([, block = '']) => linesOf(block, isWalk)),
    ...[...inline].map(([, code = '']) => code.replaceAll('\\|', '|').replace(/\s+/g, ' ')),
  ];
}

/** A word of a shell command; one in quotes may have blanks. */
const WORD = '(?:"[^"]*"|\'[^\']*\'|[^\\s"\'`);&#|]|\\|(?=\\w))+';

/** What may precede a command; not the words of a sentence. */
const BEFORE = '(?:^ {0,2}(?:- )?(?:run: )?|\\$ |npx |\\(|; |&& |\\| |next: |\\w=\\S+ )';

/** The words after each `csvjobs` of a line, up to the end of that command: two blanks, or what ends one in a shell. */
function commandsIn(line: string): string[][] {
  const commands = line.matchAll(new RegExp(`${BEFORE}csvjobs((?: ${WORD})+)`, 'g'));
  return [...commands].map(([, rest = '']) =>
    [...rest.matchAll(new RegExp(WORD, 'g'))]
      .map(([word]) => word.replace(/["']/g, ''))
      .filter((word) => word !== '…' && !word.startsWith('['))
      .filter((word, at, words) => !/^\d?>/.test(word) && !/^\d?>$/.test(words[at - 1] ?? '')),
  );
}

/** What is wrong with a command; undefined for prose such as `csvjobs loads …`. */
function faultOf(words: readonly string[]): string | undefined {
  const program = buildProgram(process, () => {});
  let command: Command = program;
  const positionals: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') break;
    if (/^-./.test(word)) {
      for (const flag of word.split('|')) {
        if (flag === '--help' || flag === '-h') continue;
        const [name = '', given] = flag.split('=');
        const option = [...command.options, ...program.options].find(
          ({ short, long }) => name === short || name === long,
        );
        if (!option) return `no option ${flag}`;
        if (!option.required || given !== undefined) continue;
        const value = words[++at];
        if (
          value !== undefined &&
          option.argChoices &&
          !value.split('|').every((one) => option.argChoices?.includes(one))
        )
          return `${flag} does not take ${value}`;
      }
      continue;
    }
    const below = word
      .split('|')
      .map((name) => command.commands.find((each) => each.name() === name || each.aliases().includes(name)));
    if (command.commands.length > 0 && positionals.length === 0) {
      if (below.some((each) => each === undefined)) return `no command ${word}`;
      if (below.length > 1) return undefined;
      command = below[0]!;
    } else positionals.push(word);
  }
  const { registeredArguments: takes } = command;
  if (positionals.length > takes.length && !takes.at(-1)?.variadic)
    return `too many arguments: ${positionals.join(' ')}`;
  return undefined;
}

test('every command in the documents', () => {
  const found = documents.flatMap((document) =>
    codeOf(document)
      .flatMap(commandsIn)
      .map((words) => ({ document, words })),
  );
  expect(found.length).toBeGreaterThan(300);
  const wrong = found.flatMap(({ document, words }) => {
    const fault = faultOf(words);
    return fault === undefined ? [] : [`${document}: csvjobs ${words.join(' ')}: ${fault}`];
  });
  expect(wrong).toEqual([]);
});
