/**
 * Folds long lines on a terminal between words, which a terminal would break anywhere. Commands stay whole, however
 * long: copied from a terminal, only a line that the terminal itself has broken is one line again. wrap-ansi has no parts
 * that stay whole.
 */
import { stripVTControlCharacters } from 'node:util';
import { isCommand } from './command.js';
import { ONE_CELL } from './table.js';

/** Words that follow a command in a sentence and do not belong to it: `csvjobs tables lists them`. */
const AFTER_COMMAND = new Set(
  'and as at creates has have if in is lists loads of on or prints restores runs says shows starts that then to where with'.split(
    ' ',
  ),
);

/** Programs other than this one in commands to copy. */
const PROGRAMS = new Set(['curl', 'kill', 'npx']);

/** What later lines are indented by: the place after a sign, a label, or the number of a list. */
const LABEL = /^ *(?:(?:[!✓✗…]|error:|why:|next:|or:|\d+(?= {2})) +)?/;

const WORDS = /(?:(?<=^|[\s=($]|\\'|\p{Cc}\[[\d;]*m)(?:'[^'\n]*'|"[^"\n]*")|\S)+/gu;

interface Part {
  text: string;
  /** The spaces before it. */
  gap: string;
}

/** Returns the text as this stream should get it: folded on a terminal, unchanged in a pipe. */
export function foldedFor(
  { isTTY, columns }: Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>>,
  text: string,
): string {
  return isTTY ? folded(text, columns || 80) : text;
}

/** Returns the text with line ends instead of spaces where it is wider than `columns`. */
export function folded(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => (cells(line) <= columns ? [line] : foldedLine(line, columns)))
    .join('\n');
}

function foldedLine(line: string, columns: number): string[] {
  const label = LABEL.exec(stripVTControlCharacters(line))?.[0].length ?? 0;
  const indent = ' '.repeat(label > columns / 2 ? 2 : label);
  const lines: string[] = [];
  let last = '';
  for (const { text, gap } of partsOf(line)) {
    if (last !== '' && cells(last + gap + text) > columns) {
      lines.push(last);
      const fits = cells(indent + text) <= columns;
      last = (fits ? indent : indent.slice(0, 2)) + text;
    } else last += gap + text;
  }
  return [...lines, last];
}

/** Returns words, and commands as a whole. */
function partsOf(line: string): Part[] {
  const words = [...line.matchAll(WORDS)];
  const parts: Part[] = [];
  let end = 0;
  for (let at = 0; at < words.length; at += 1) {
    const { index } = words[at]!;
    const gap = line.slice(end, index);
    // What follows it after more than one space is its explanation.
    const together = words.findIndex((word, place) => place >= at && spaceAfter(line, word) !== 1);
    at = lastOfCommand(
      words.slice(0, together < 0 ? undefined : together + 1).map(([word]) => stripVTControlCharacters(word)),
      at,
    );
    const [word] = words[at]!;
    end = words[at]!.index + word.length;
    parts.push({ gap, text: line.slice(index, end) });
  }
  return parts;
}

function spaceAfter(line: string, { 0: word, index }: RegExpExecArray): number {
  return /^ */.exec(line.slice(index + word.length))![0].length;
}

/** Returns where the command ends that begins at a word; without one, the word itself. */
function lastOfCommand(words: readonly string[], first: number): number {
  const [word = '', next = ''] = words.slice(first).map((each) => each.replace(/^[("]+/, ''));
  const begins =
    PROGRAMS.has(word) ||
    (/^[A-Z_]+=/.test(word) && next === 'csvjobs') ||
    (word === 'csvjobs' && (next.startsWith('-') || isCommand(next.replace(/[^a-z-]+$/, ''))));
  if (!begins) return first;
  let last = first;
  const ends = (at: number) =>
    /[,;:.)]$/.test(words[at]!) || AFTER_COMMAND.has(words[at + 1]!) || words[at + 1]!.startsWith('(');
  while (last + 1 < words.length && !ends(last)) last += 1;
  return last;
}

/** The width of a text, or more: letters outside of the scripts that take one cell count as two. */
function cells(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (ONE_CELL.test(plain)) return plain.length;
  return [...plain].reduce((sum, char) => sum + (ONE_CELL.test(char) ? 1 : 2), 0);
}
