/** Which character stands between two fields. */
import type { FileDialect } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { withoutBlankStart } from './textStart.js';

/** The delimiters that are looked for; of equals, the first one wins. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

/** How many records are looked at; the header is among the first ones. */
const RECORDS = 50;
const HEADERS = 30;

/** How many columns of its table a line of a file names; see HeaderRule. */
export type KnownColumns = ((cells: readonly string[]) => number) | undefined;

/**
 * The delimiter of a CSV text, from its start (64 KiB do; its last record may be cut off). A first line `sep=;` says it, as
 * Excel has it. Else by, in this order,
 * 1. how many different columns of its table a line names when it is split there, at best,
 * 2. how many of the first records have as many fields as that line (only where it has two or more),
 * 3. how many fields it has.
 * Delimiters in quoted fields do not count (RFC 4180). A comma where nothing speaks for any; never a character that a person has
 * given another meaning.
 * @param sample decoded text, or its bytes in any encoding that contains ASCII
 * @param known undefined where the columns are not known beforehand
 * @param dialect what a person says of the file
 */
export function findDelimiter(
  sample: string | Uint8Array,
  known: KnownColumns,
  dialect: FileDialect = {},
): string {
  const text = (typeof sample === 'string' ? sample : Buffer.from(sample).toString('utf8')).replace(
    /^\ufeff/,
    '',
  );
  const { quote = '"', escape: mark, skipLines = 0, comment, columns } = dialect;
  const isFree = (delimiter: string) => ![quote, mark, comment].includes(delimiter);
  const said = /^\s*"?sep=(\\t|[^\r\n"])"?[ \t,;]*(?:[\r\n]|$)/i.exec(text)?.[1];
  const bySep = said !== undefined && isDelimiter(said) ? (NAMES.get(said) ?? said) : undefined;
  if (bySep !== undefined && isFree(bySep)) return bySep;
  const lines = text.split(/(?<=\n|\r(?!\n))/).slice(skipLines);
  const counted = comment === undefined ? lines : lines.filter((line) => !line.startsWith(comment));
  const start = Buffer.from(withoutBlankStart(Buffer.from(counted.join('')))).toString('utf8');
  const free = DELIMITERS.filter(isFree);
  let best: { delimiter: string; score: number[] } = { delimiter: free[0]!, score: [0, 0, 1] };
  for (const delimiter of free) {
    const records = splitRecords(start, delimiter, quote);
    // Without a header nothing names columns.
    const header = likelyHeader(records, columns === undefined ? known : undefined);
    const alike = records.filter((record) => record.length === header.cells.length).length;
    const score = [header.known, header.cells.length > 1 ? alike : 0, header.cells.length];
    if (isMore(score, best.score)) best = { delimiter, score };
  }
  return best.delimiter;
}

/** The record that names most columns; without names, one with as many fields as most have. */
function likelyHeader(
  records: readonly string[][],
  known: KnownColumns,
): { cells: readonly string[]; known: number } {
  if (known === undefined) return { cells: mostAlike(records), known: 0 };
  let best = { cells: records[0] ?? [], known: known(records[0] ?? []) };
  for (const cells of records.slice(1, HEADERS)) {
    const count = known(cells);
    if (count > best.known) best = { cells, known: count };
  }
  return best;
}

function mostAlike(records: readonly string[][]): readonly string[] {
  const alike = (record: readonly string[]) =>
    records.filter(({ length }) => length === record.length).length;
  return records.reduce<readonly string[]>(
    (best, record) => (alike(record) > alike(best) ? record : best),
    records[0] ?? [],
  );
}

function isMore(one: number[], other: number[]): boolean {
  const at = one.findIndex((value, place) => value !== other[place]);
  return at >= 0 && one[at]! > other[at]!;
}

/** The first records as fields, blank lines left out. A plain reading of RFC 4180 that never fails. */
function splitRecords(text: string, delimiter: string, quote: string | null): string[][] {
  const records: string[][] = [];
  let fields: string[] = [];
  let field = '';
  for (let at = 0; at < text.length && records.length <= RECORDS; at++) {
    const character = text[at]!;
    if (character === quote && field.trim() === '') {
      const end = closingQuote(text, at + 1, quote);
      field = text.slice(at + 1, end).replaceAll(quote + quote, quote);
      at = end;
    } else if (character === delimiter) {
      fields.push(field);
      field = '';
    } else if (character === '\n' || character === '\r') {
      if (!isBlank(fields, field, delimiter)) records.push([...fields, field]);
      fields = [];
      field = '';
    } else {
      field += character;
    }
  }
  // The sample's last record may be cut off, so it counts only where it is the only one.
  if (records.length === 0 && !isBlank(fields, field, delimiter)) records.push([...fields, field]);
  return records;
}

/** Whether a line has nothing but spaces and tabs, so that it is no record and speaks for no delimiter, tab included. */
function isBlank(fields: readonly string[], last: string, delimiter: string): boolean {
  const isText = (field: string) => /[^ \t]/.test(field);
  return (fields.length === 0 || delimiter === '\t') && !isText(last) && !fields.some(isText);
}

/** Where the quote is that closes a field, or the end of the text. */
function closingQuote(text: string, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 2))
    if (text[at + 1] !== quote) return at;
  return text.length;
}

const NAMES = new Map(
  Object.entries({
    comma: ',',
    semicolon: ';',
    tab: '\t',
    '\\t': '\t',
    pipe: '|',
    colon: ':',
    space: ' ',
  }),
);

/**
 * The delimiter that a person asks for: any text without a quote, line end or NUL (a single character, or several that are
 * not all letters and digits); or one of the words comma, semicolon, tab, pipe, colon, space.
 * @throws Failure `delimiter_unknown`
 */
export function delimiterNamed(name: string): string {
  const delimiter = NAMES.get(name.toLowerCase()) ?? name;
  if (isDelimiter(delimiter)) return delimiter;
  throw new Failure(
    'delimiter_unknown',
    `${JSON.stringify(name)} cannot be a delimiter: use one character, or several that are not all letters and digits, ` +
      'without a quote or a line end; or one of the words comma, semicolon, tab, pipe, space; or leave it out to have it found',
  );
}

function isDelimiter(text: string): boolean {
  const isWord = [...text].length > 1 && /^[\p{L}\p{N}_-]*$/u.test(text);
  return text !== '' && !/["\r\n\0]/.test(text) && (text === '\\t' || !isWord);
}
