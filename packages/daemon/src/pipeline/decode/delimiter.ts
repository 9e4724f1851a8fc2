/** Which character stands between two fields. */
import { columnFor } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { withoutBlankStart } from './textStart.js';

/** The delimiters that are looked for; of equals, the first one wins. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

/** How many records after the header are counted. */
const RECORDS = 50;

/**
 * The delimiter of a CSV text, from its start (64 KiB do; its last record may be cut off). Told, in this order, by
 * 1. how many different columns that csvjobs knows the header names when it is split there,
 * 2. how many of the first records have as many fields as the header (only where the header has two or more),
 * 3. how many fields the header has.
 * Delimiters in quoted fields do not count (RFC 4180). A comma where nothing speaks for any.
 * @param sample decoded text, or its bytes in any encoding that contains ASCII
 */
export function findDelimiter(sample: string | Uint8Array): string {
  const text = (typeof sample === 'string' ? sample : Buffer.from(sample).toString('utf8')).replace(
    /^\ufeff/,
    '',
  );
  const start = Buffer.from(withoutBlankStart(Buffer.from(text))).toString('utf8');
  let best = { delimiter: ',', score: [0, 0, 1] };
  for (const delimiter of DELIMITERS) {
    const records = splitRecords(start, delimiter);
    const header = records[0] ?? [];
    const known = new Set(header.map(columnFor).filter((column) => column !== undefined)).size;
    const alike = records.filter((record) => record.length === header.length).length;
    const score = [known, header.length > 1 ? alike : 0, header.length];
    if (isMore(score, best.score)) best = { delimiter, score };
  }
  return best.delimiter;
}

function isMore(one: number[], other: number[]): boolean {
  const at = one.findIndex((value, place) => value !== other[place]);
  return at >= 0 && one[at]! > other[at]!;
}

/** The first records as fields, blank lines left out. A plain reading of RFC 4180 that never fails. */
function splitRecords(text: string, delimiter: string): string[][] {
  const records: string[][] = [];
  let fields: string[] = [];
  let field = '';
  for (let at = 0; at < text.length && records.length <= RECORDS; at++) {
    const character = text[at]!;
    if (character === '"' && field.trim() === '') {
      const end = closingQuote(text, at + 1);
      field = text.slice(at + 1, end).replaceAll('""', '"');
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
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
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
 * The delimiter that a person asks for: any one ASCII character that is not a letter, a digit, a quote, a line end
 * or NUL; or one of the words comma, semicolon, tab, pipe, colon, space.
 * @throws Failure `delimiter_unknown`
 */
export function delimiterNamed(name: string): string {
  const delimiter = NAMES.get(name.toLowerCase()) ?? name;
  const isAscii = delimiter.length === 1 && delimiter > '\0' && delimiter <= '\x7f';
  if (isAscii && !/[a-z0-9"\r\n]/i.test(delimiter)) return delimiter;
  throw new Failure(
    'delimiter_unknown',
    `${JSON.stringify(name)} cannot be a delimiter: use one ASCII character that is not a letter, a digit, a quote ` +
      'or a line end, or one of the words comma, semicolon, tab, pipe; or leave it out to have it found',
  );
}
