/** Finds what is between fields. */
import type { FileDialect } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { markBetween } from './mark.js';
import { withoutBlankStart } from './textStart.js';

/** The delimiters to look for; in a tie the first one wins. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

/** Number of records to examine, and of those that may be the header. */
const RECORDS = 50;
const HEADERS = 30;

/** Returns how many columns of its table a line of a file names; see HeaderRule. */
export type KnownColumns = ((cells: readonly string[]) => number) | undefined;

/**
 * Finds the delimiter of a CSV text by its start (64 KiB are enough; the last record may be cut off). A first line
 * `sep=;` declares it, as in Excel. Otherwise the best delimiter is chosen by, in this order:
 * 1. the number of different columns of the table that the most likely header names when split there,
 * 2. the number of records, among the first, that have as many fields as the header (only if it has two or more),
 * 3. the number of fields in the header.
 *
 * If every second field is the same mark, it is a part of the delimiter: `|+|`, as bcp is often told to write (`markBetween`).
 *
 * Delimiters in quoted fields do not count (RFC 4180). The default is a comma. A character to which the user has given
 * another meaning is never the delimiter.
 * @param sample decoded text, or its bytes in any encoding that contains ASCII
 * @param known undefined if the columns are not known beforehand
 * @param dialect what the user says about the file
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
  const { quote = '"', escape: escaping, skipLines = 0, comment, columns } = dialect;
  const isFree = (delimiter: string) => ![quote, escaping, comment].includes(delimiter);
  const said = /^\s*"?sep=(\\t|[^\r\n"])"?[ \t,;]*(?:[\r\n]|$)/i.exec(text)?.[1];
  const bySep = said !== undefined && isDelimiter(said) ? (NAMES.get(said) ?? said) : undefined;
  if (bySep !== undefined && isFree(bySep)) return bySep;
  const lines = text.split(/(?<=\n|\r(?!\n))/).slice(skipLines);
  const counted = comment === undefined ? lines : lines.filter((line) => !line.startsWith(comment));
  const start = Buffer.from(withoutBlankStart(Buffer.from(counted.join('')))).toString('utf8');
  const free = DELIMITERS.filter(isFree);
  let best: { delimiter: string; score: number[]; records: string[][] } = {
    delimiter: free[0]!,
    score: [0, 0, 1],
    records: [],
  };
  for (const delimiter of free) {
    const records = splitRecords(start, delimiter, quote);
    // Without a header nothing names columns.
    const header = likelyHeader(records, columns === undefined ? known : undefined, best.score[0]!);
    const alike = records.filter((record) => record.length === header.cells.length).length;
    const score = [header.known, header.cells.length > 1 ? alike : 0, header.cells.length];
    if (isMore(score, best.score)) best = { delimiter, score, records };
  }
  const mark = markBetween(best.records, columns?.length);
  const long = best.delimiter + mark + best.delimiter;
  // A field with quotes is a value.
  return mark === undefined || !start.includes(long) ? best.delimiter : long;
}

/**
 * Returns the record that names the most columns; if columns are unknown, one with the most common number of fields.
 * @param least a record that names fewer columns than this may count as one that names none
 */
function likelyHeader(
  records: readonly string[][],
  known: KnownColumns,
  least: number,
): { cells: readonly string[]; known: number } {
  if (known === undefined) return { cells: mostAlike(records), known: 0 };
  let best = { cells: records[0] ?? [], known: 0 };
  for (const cells of records.slice(0, HEADERS)) {
    // It cannot name more columns than it has cells. To look each value up as a name took 45 ms of a job.
    if (cells.length < least || cells.length <= best.known) continue;
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

/** Splits the first records into fields, without blank lines. A simple reading of RFC 4180 that never fails. */
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
  // The sample's last record may be cut off, so it counts only if it is the only one.
  if (records.length === 0 && !isBlank(fields, field, delimiter)) records.push([...fields, field]);
  return records;
}

/**
 * Whether a line contains only spaces and tabs. Then it is not a record, and not evidence for any delimiter, even a
 * tab.
 */
function isBlank(fields: readonly string[], last: string, delimiter: string): boolean {
  const isText = (field: string) => /[^ \t]/.test(field);
  return (fields.length === 0 || delimiter === '\t') && !isText(last) && !fields.some(isText);
}

/** Returns the position of the quote that closes a field, or the end of the text. */
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
 * Returns the delimiter that the user names: any text without a quote, line end or NUL (a single character, or several
 * that are not all letters and digits); or one of the words comma, semicolon, tab, pipe, colon, space.
 * @throws Failure `delimiter_unknown`
 */
export function delimiterNamed(name: string): string {
  const delimiter = NAMES.get(name.toLowerCase()) ?? name;
  if (isDelimiter(delimiter)) return delimiter;
  throw new Failure(
    'delimiter_unknown',
    `${JSON.stringify(name)} cannot be a delimiter: use one character, or several that are not all letters and digits, ` +
      'without a quote or a line end; or one of the words comma, semicolon, tab, pipe, space; or leave it out to have it detected',
  );
}

function isDelimiter(text: string): boolean {
  const isWord = [...text].length > 1 && /^[\p{L}\p{N}_-]*$/u.test(text);
  return text !== '' && !/["\r\n\0]/.test(text) && (text === '\\t' || !isWord);
}
