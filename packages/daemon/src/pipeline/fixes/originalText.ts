/**
 * Writes rejected records as a file that can be fixed and uploaded again: under the file's own header, with its own
 * delimiter, and with `_line` and `_error` at the end; UTF-8.
 *
 * Each record is byte for byte as in the file, even if it is malformed. `_error` is always in quotes and starts with a
 * letter or digit, so if a record leaves a quote open, the opening quote of `_error` closes it and text follows. Such a
 * record is faulty on its own and ends on its own line, without affecting its neighbour. Only the start of a record
 * that is too long is kept. It ends with `…"cut"`, a stray quote, so that it is not loaded as if it were complete.
 *
 * Spreadsheets get values as cells instead: an apostrophe turns formulas into text, and `_cells` has the numbers of
 * those cells, so that the apostrophes can be removed when the file comes back. A record that cannot be cut into cells
 * is written whole into the first cell, and `_cells` says so.
 */
import { isUtf8 } from 'node:buffer';
import type { Source } from '@csvjobs/shared';
import { createParse, type Parse } from '../parse.js';
import { createCutter } from '../records/createCutter.js';
import type { TextFormat } from '../records/dialectTokens.js';
import { escapedBytes } from './escapedBytes.js';
import { guarded, isGuarded } from './formula.js';
import { WHOLE } from './parseFixed.js';
import { ADDED, addedAtEnd } from './reportColumns.js';
import { inQuotes, writtenCell } from './writtenCell.js';

export interface OriginalRecord {
  line: number;
  message: string;
  code: string;
  original: Buffer;
}

export interface OriginalFile {
  header(): string;
  record(record: OriginalRecord): Buffer;
}

const LINE_ENDS = { lf: '\n', crlf: '\r\n', cr: '\r' } as const;
const CUT = Buffer.from('…"cut"');

/**
 * @param header the header record as it is in the file
 * @param safe whether to write for spreadsheets
 */
export function originalFile(source: Source, header: string, safe: boolean): OriginalFile {
  const { delimiter, dialect, lineEnd = 'lf' } = source;
  const quote = dialect?.quote ?? '"';
  const format = { delimiter, dialect };
  const parse = createParse(format);
  const names = headerCells(source, header);
  const added = addedAtEnd(names);
  const own = names.slice(0, names.length - added);
  const width = Math.max(own.length, (source.fields ?? names.length) - added);
  const end = LINE_ENDS[lineEnd];
  const line = (cells: readonly string[]) =>
    cells.map((cell) => writtenCell(cell, delimiter, dialect)).join(delimiter);
  // If the header has fewer or more fields than every record, all get the same number. Otherwise the last columns would
  // shift.
  const pad = (count: number) => delimiter.repeat(Math.max(0, width - count));
  const recordPad = delimiter.repeat(Math.max(0, names.length - (source.fields ?? names.length)));

  /** Returns the record as it was before a report added columns to it. */
  function plain({ original }: OriginalRecord): Buffer {
    const bytes = source.encoding === 'utf-8' ? original : escapedBytes(original);
    if (added === 0) return bytes;
    const cut = withoutLast(bytes.toString('latin1'), added, delimiter);
    if (cut === undefined) return bytes;
    const rest = bytes.subarray(0, cut.text.length);
    // With three added columns, the last one says what was done to cells.
    const mark = added < ADDED.length ? '' : cut.last.replaceAll('"', '').trim();
    const cells = mark === '' ? undefined : cellsOf(rest, format, parse);
    if (cells === undefined) return rest;
    const words = mark.split(' ');
    const values = cells.map((cell, at) =>
      words.includes(String(at + 1)) && isGuarded(cell) ? cell.slice(1) : cell,
    );
    const whole = words.includes(WHOLE) && values.slice(1).every((value) => value.trim() === '');
    return Buffer.from(whole ? values[0]! : line(values));
  }

  return {
    header() {
      const ownText = withoutLast(header, added, delimiter)?.text ?? line(own);
      if (!safe) return [ownText + pad(own.length), ...ADDED.slice(0, 2)].join(delimiter) + end;
      const padding = Array<string>(Math.max(0, width - own.length)).fill('');
      return line([...own.map(guarded), ...padding, ...ADDED]) + end;
    },
    record(record) {
      const tooLong = record.code === 'record_too_long';
      const bytes = plain(record);
      const error = errorText(record.message);
      if (!safe) {
        const place = `${recordPad}${delimiter}${record.line}${delimiter}${inQuotes(error, quote)}${end}`;
        return Buffer.concat([bytes, ...(tooLong ? [CUT] : []), Buffer.from(place)]);
      }
      const found = tooLong ? undefined : cellsOf(bytes, format, parse);
      const cells = found ?? [bytes.toString() + (tooLong ? '…' : '')];
      const marks = [
        ...(found ? [] : [WHOLE]),
        ...cells.flatMap((cell, at) => (guarded(cell) === cell ? [] : [at + 1])),
      ];
      const padding = Array<string>(found ? recordPad.length / delimiter.length : width - 1).fill('');
      const place = [String(record.line), guarded(error), marks.join(' ')];
      return Buffer.from(line([...cells.map(guarded), ...padding, ...place]) + end);
    },
  };
}

/** Returns the names in a header record. */
export function headerCells(source: TextFormat, header: string): string[] {
  return cellsOf(Buffer.from(header), source, createParse(source)) ?? [header];
}

/** Returns the fields of a record; undefined if it cannot be cut into fields or is not text. */
function cellsOf(bytes: Buffer, { delimiter, dialect }: TextFormat, parse: Parse): string[] | undefined {
  if (!isUtf8(bytes) || bytes.includes(0)) return undefined;
  const cutter = createCutter({ delimiter, dialect, maxRecordBytes: bytes.length + 1 });
  cutter.push(bytes);
  cutter.finish();
  if (!cutter.next() || cutter.fault !== undefined || cutter.nextOffset < bytes.length) return undefined;
  const fields = parse(cutter);
  return Array.from({ length: fields.count }, (_, at) => fields.text(at));
}

/** Returns a record without its last `count` fields, and its last field; undefined if it has fewer fields. */
function withoutLast(
  text: string,
  count: number,
  delimiter: string,
): { text: string; last: string } | undefined {
  let end = text.length;
  let last = '';
  for (let left = count; left > 0; left--) {
    const at = lastField(text, end, delimiter);
    if (at === undefined) return undefined;
    if (left === count) last = text.slice(at + delimiter.length, end);
    end = at;
  }
  return { text: text.slice(0, end), last };
}

/** Returns the position of the delimiter before the last field of a text; undefined if there is none. */
function lastField(text: string, end: number, delimiter: string): number | undefined {
  let start = end;
  if (text[end - 1] === '"') {
    // Go back to the opening quote, past doubled quotes.
    start = end - 2;
    while (start >= 0 && !(text[start] === '"' && text[start - 1] !== '"'))
      start -= text[start] === '"' ? 2 : 1;
  } else {
    const at = text.lastIndexOf(delimiter, end - delimiter.length);
    return at === -1 || /["\r\n]/.test(text.slice(at, end)) ? undefined : at;
  }
  const at = start - delimiter.length;
  return at >= 0 && text.startsWith(delimiter, at) ? at : undefined;
}

function errorText(message: string): string {
  return /^[\p{L}\p{N}]/u.test(message) ? message : `error: ${message}`;
}
