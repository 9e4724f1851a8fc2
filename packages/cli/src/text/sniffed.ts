/**
 * What was detected about a file, for people: facts, columns, the first rows, and the command that states the same
 * explicitly.
 */
import type { Sniffed } from '@csvjobs/shared';
import { cutMiddle, type Measure } from './cut.js';
import { type Labelled, labelledLines } from './labelled.js';
import type { Paint } from './paint.js';
import { type Cell, type Column, table, widthOf } from './table.js';
import { bytes, clean, fileArgument, plural, shellQuote } from './text.js';
import { wrapped } from './wrap.js';

/** Maximum width of a column of the first rows on a terminal, in cells. */
const CELLS = 24;

const DELIMITER_NAMES: Record<string, string> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'pipe',
  ' ': 'space',
};

export interface SniffedFile extends Sniffed {
  file: string;
  /** Size of the file, in bytes. */
  size: number;
  /** Options that the user gave, which belong to the explicit command. */
  said?: readonly string[];
}

/** Returns the options of upload and check that state how a file was read. */
export function readOptions({ source, footerRows }: Pick<Sniffed, 'source' | 'footerRows'>): string[] {
  const { encoding, delimiter, headerLine, dialect } = source;
  const mark = delimiter === '\t' ? 'tab' : delimiter;
  const above = (headerLine ?? 1) - 1;
  return [
    ...['--encoding', encoding, '--delimiter', mark],
    ...(above > 0 && dialect?.skipLines === undefined ? ['--skip-lines', String(above)] : []),
    ...(footerRows > 0 && dialect?.footer === undefined ? ['--footer', String(footerRows)] : []),
  ];
}

/** @param columns of the terminal; undefined in a pipe, where nothing is cut */
export async function sniffLines(
  found: SniffedFile,
  paint: Paint,
  columns: number | undefined,
): Promise<string[]> {
  const { file, size, totalRows, firstRows, said = [] } = found;
  const title = `${clean(file)}: ${plural(totalRows, 'record')}, ${bytes(size)}`;
  const name = fileArgument(file);
  const command = `csvjobs upload ${name} ${[...readOptions(found), ...said].map(shellQuote).join(' ')}`;
  const lines = (await wrapped(title, columns)).map(paint.bold);
  const facts = factsOf(found).map(([label, fact]): Labelled => [paint.dim(label), clean(fact)]);
  lines.push(...labelledLines(facts, columns));
  lines.push('', ...(await columnLines(found, paint, columns)));
  if (firstRows.length > 0) lines.push('', ...(await rowLines(found, paint, columns)));
  // Commands are not wrapped, so that they can be copied.
  lines.push('', paint.dim('Equivalent command:'), command);
  return lines;
}

/** Names and facts, in the order in which a file is read. */
function factsOf({ source, evidence, quoted, columns, notices }: SniffedFile): [string, string][] {
  const { encoding, compression, delimiter, lineEnd, strayLineEnds } = source;
  const mark = DELIMITER_NAMES[delimiter] ?? 'unusual';
  const ends = lineEnd === undefined ? 'none' : lineEnd.toUpperCase() + (strayLineEnds ? ', and others' : '');
  return [
    ['encoding', `${encoding}: ${evidence}`],
    ['compression', compression],
    ['delimiter', `${delimiter === '\t' ? '' : `${delimiter} `}(${mark})`],
    ['line end', ends],
    ['quotes', quoted ? 'around some fields' : 'none'],
    ['header', plural(columns.length, 'column')],
    ...notices.map((notice): [string, string] => ['notice', notice]),
  ];
}

const COLUMNS: readonly Column[] = [
  { title: '#', align: 'right' },
  { title: 'COLUMN', flexible: { min: 8 } },
  { title: 'TYPE' },
];

function columnLines({ columns }: SniffedFile, paint: Paint, width: number | undefined): Promise<string[]> {
  const rows = columns.map(({ header, type }, at): Cell[] => [
    { text: String(at + 1) },
    header === '' ? { text: '(no name)', paint: paint.dim } : { text: clean(header) },
    { text: type },
  ]);
  return table(COLUMNS, rows, width, paint.dim);
}

/** Shows as many columns as fit, from the left. */
async function rowLines(
  { columns, firstRows }: SniffedFile,
  paint: Paint,
  width: number | undefined,
): Promise<string[]> {
  const titles = columns.map(({ header }) => clean(header));
  const texts = firstRows.map((row) => columns.map((_, at) => clean(row[at] ?? '')));
  const measure = await widthOf([...titles, ...texts.flat()]);
  const most = width === undefined ? undefined : Math.min(CELLS, width);
  const shown = fitting([titles, ...texts], most, width, measure);
  const cells = (row: readonly string[]): Cell[] =>
    row.slice(0, shown).map((text) => ({ text: most === undefined ? text : cutMiddle(text, most, measure) }));
  const lines = await table(
    cells(titles).map(({ text }) => ({ title: text })),
    texts.map(cells),
    width,
    paint.dim,
  );
  const left = columns.length - shown;
  return left === 0 ? lines : [...lines, paint.dim(`… ${plural(left, 'more column')} to the right`)];
}

/** Returns how many columns of these rows fit side by side, none wider than `most`; at least one. */
function fitting(
  rows: readonly (readonly string[])[],
  most: number | undefined,
  width: number | undefined,
  measure: Measure,
): number {
  const count = rows[0]?.length ?? 0;
  if (most === undefined || width === undefined) return count;
  let used = 0;
  for (let at = 0; at < count; at++) {
    const widest = Math.max(...rows.map((row) => measure(row[at] ?? '')));
    used += Math.min(most, widest) + (at === 0 ? 0 : 2);
    if (used > width) return Math.max(1, at);
  }
  return count;
}
