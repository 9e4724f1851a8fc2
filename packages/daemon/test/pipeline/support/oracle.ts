/**
 * An independent reader for tests: slow and obvious, one character after the other over the whole text at
 * once. RFC 4180 plus the rule for malformed records: one reject, then on with the next physical line. It
 * shares no code with the pipeline but the rules for values.
 */
import {
  CUSTOMER_COLUMNS,
  type CustomerColumn,
  columnFor,
  customerSchema,
  findConcepts,
  foldName,
} from '@csvjobs/shared';
import { tidyValue } from '../../../src/pipeline/validate/tidy.js';

export interface OracleOptions {
  delimiter: string;
  maxRecordBytes: number;
}

export interface OracleRecord {
  start: number;
  next: number;
  line: number;
  /** Its line end; empty at the end of the file. */
  lineEnd: string;
  /** All line ends since the previous record, its own first. */
  before: string[];
  /** Its cells, or its fault. */
  cells?: string[];
  fault?: 'stray' | 'after' | 'unclosed' | 'long' | 'nul' | 'utf8';
}

/** One char per byte. */
export function oracleRecords(
  bytes: Uint8Array,
  { delimiter, maxRecordBytes }: OracleOptions,
): OracleRecord[] {
  const text = Buffer.from(bytes).toString('latin1');
  const records: OracleRecord[] = [];
  let start = 0;
  let line = 1;
  let before: string[] = [];
  while (start < text.length) {
    const record = oneRecord(text, start, delimiter, maxRecordBytes);
    const consumed = text.slice(start, record.next);
    const lineEnd = /(\r\n|\r|\n|)$/.exec(consumed)![0];
    // After the header of a file with several columns, a record without a value does not count.
    const several = (records[0]?.cells?.length ?? 0) > 1;
    const empty =
      several && record.fault === undefined && record.cells?.every((cell) => /^[ \t\r\n]*$/.test(cell));
    if (!empty && (record.cells !== undefined || record.fault !== undefined)) {
      records.push({ start, line, lineEnd, before, ...record });
      before = [];
    }
    before.push(lineEnd);
    line += [...consumed.matchAll(/\r\n|\r|\n/g)].length;
    start = record.next;
  }
  return records;
}

function oneRecord(
  text: string,
  start: number,
  delimiter: string,
  max: number,
): Omit<OracleRecord, 'start' | 'line' | 'lineEnd' | 'before'> {
  const bad = (fault: NonNullable<OracleRecord['fault']>) => {
    let next = start;
    while (next < text.length && text[next] !== '\n' && text[next] !== '\r') next++;
    return { fault, next: pastLineEnd(text, next) };
  };
  const white = (char: string | undefined) => char === ' ' || (char === '\t' && delimiter !== '\t');
  const cells: string[] = [];
  let at = start;
  let quotes = false;
  for (;;) {
    // One field.
    let cell = '';
    let look = at;
    while (look - start < max && white(text[look])) look++;
    if (look - start < max && text[look] === '"') {
      quotes = true;
      at = look + 1;
      for (;;) {
        if (at - start >= max && at < text.length) return bad('long');
        if (at >= text.length) return bad('unclosed');
        if (text[at] === '"') {
          if (text[at + 1] === '"') {
            if (at + 1 - start >= max) return bad('long');
            cell += '"';
            at += 2;
            continue;
          }
          at++;
          break;
        }
        cell += text[at];
        at++;
      }
      while (at - start < max && white(text[at])) at++;
    } else {
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') {
        if (at - start >= max) return bad('long');
        if (text[at] === '"') return bad('stray');
        cell += text[at];
        at++;
      }
    }
    cells.push(cell);
    if (at >= text.length || text[at] === '\n' || text[at] === '\r') break;
    if (at - start >= max) return bad('long');
    if (text[at] !== delimiter) return bad('after');
    at++;
  }
  const next = pastLineEnd(text, at);
  const whole = text.slice(start, at);
  if (!quotes && [...whole].every(white)) return { next };
  if (whole.includes('\0')) return { next, fault: 'nul', cells };
  const decoded = cells.map((cell) => strictUtf8(cell));
  if (strictUtf8(whole) === undefined) return { next, fault: 'utf8', cells };
  return { next, cells: decoded.map((cell) => cell ?? '') };
}

function pastLineEnd(text: string, at: number): number {
  if (text[at] === '\r' && text[at + 1] === '\n') return at + 2;
  return Math.min(at + 1, text.length);
}

function strictUtf8(latin1: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The result of each data record: the loaded row, or the code and message of its reject. */
export type OracleRow = { rowNumber: number; line: number } & (
  | { values: (string | null)[] }
  | { code: string; row: Record<string, string> | undefined; faults: string[] | undefined }
);

const CODES = {
  stray: 'stray_quote',
  after: 'stray_quote',
  unclosed: 'unclosed_quote',
  long: 'record_too_long',
  nul: 'nul_character',
  utf8: 'invalid_encoding',
};

/** Values without the extra text around them; see tidy.test.ts. */
function tidy(row: Record<string, string>): Record<string, string> {
  const entries = Object.entries(row) as [CustomerColumn, string][];
  return Object.fromEntries(entries.map(([column, text]) => [column, tidyValue(column, text, [])]));
}

/** The column for each name of a header, the best match of several; undefined if two are equally good. */
function columnsOf(names: string[]): (string | undefined)[] | undefined {
  const match = (name: string, column: string): number => {
    if (name === column) return 3;
    if (foldName(name) === column) return 2;
    if (columnFor(name) === column) return 1;
    // `company 1`: findConcepts decides which words are irrelevant for a column.
    return findConcepts(name).some(({ concept }) => concept === column) ? 0.5 : 0;
  };
  const columns: (string | undefined)[] = names.map(() => undefined);
  for (const column of CUSTOMER_COLUMNS) {
    const matches = names.map((name) => match(name, column));
    const best = Math.max(...matches);
    if (best > 0 && matches.indexOf(best) !== matches.lastIndexOf(best)) return undefined;
    if (best > 0) columns[matches.indexOf(best)] = column;
  }
  return columns;
}

/** The data records of a file, or undefined if its header is invalid. */
export function oracleRows(bytes: Uint8Array, options: OracleOptions): OracleRow[] | undefined {
  const [header, ...records] = oracleRecords(bytes, options);
  const names = header?.cells;
  if (names === undefined || header?.fault !== undefined) return undefined;
  const columns = columnsOf(names.map((name) => name.trim()));
  if (columns === undefined) return undefined;
  if (!(['name', 'email', 'company'] as const).every((column) => columns.includes(column))) return undefined;
  let fewest = names.length;
  while (names[fewest - 1]?.trim() === '') fewest--;

  const surplus = (cells: string[]) => cells.slice(names.length).some((cell) => cell.trim() !== '');
  const widths = records
    .filter(({ fault }) => fault === undefined || fault === 'nul' || fault === 'utf8')
    .map(({ cells = [] }) => cells)
    .filter((cells) => cells.length >= fewest && !surplus(cells) && cells.some((cell) => cell.trim() !== ''))
    .map((cells) => cells.length);
  const least = Math.min(...widths);
  // One record does not prove fields that the header lacks.
  const width = widths.length === 0 || (widths.length === 1 && least > names.length) ? names.length : least;
  const own = ownLineEnd(header!, records);
  const foreign = (lineEnd: string) => own !== '' && lineEnd !== '' && lineEnd !== own;
  const linked = (one: OracleRecord, next: OracleRecord | undefined) =>
    next !== undefined && one !== header && next.before.every(foreign);
  const rowOf = (cells: string[]) => {
    const row: Record<string, string> = {};
    for (const column of CUSTOMER_COLUMNS) {
      const cell = cells[columns.indexOf(column)];
      if (columns.includes(column) && cell !== undefined) row[column] = cell;
    }
    return row;
  };
  const misfits = (cells: string[]) => cells.length !== width || surplus(cells);
  const isSound = ({ cells, fault }: OracleRecord) =>
    fault === undefined &&
    !misfits(cells!) &&
    customerSchema.safeParse({ phone: '', ...tidy(rowOf(cells!)) }).success;
  const strays = mostInARow(records, (record) => foreign(record.lineEnd)) < 100;
  const isWitness = (record: OracleRecord) =>
    strays ? !isSound(record) : mayBeOneField(record, options.delimiter, bytes);
  const isPiece = (index: number) => {
    const [previous, record, next] = [records[index - 1], records[index]!, records[index + 1]];
    if (strays && !isSound(record)) return false;
    return (
      (previous && linked(previous, record) && isWitness(previous)) ||
      (linked(record, next) && isWitness(next!))
    );
  };

  return records.map((record, index) => {
    const at = { rowNumber: index + 1, line: record.line };
    if (record.fault !== undefined)
      return { ...at, code: CODES[record.fault], row: undefined, faults: undefined };
    const cells = record.cells ?? [];
    const row = rowOf(cells);
    if (misfits(cells) || isPiece(index))
      return { ...at, code: 'wrong_number_of_fields', row, faults: undefined };
    const result = customerSchema.safeParse({ phone: '', ...tidy(row) });
    if (result.success) {
      const { name, email, phone, company } = result.data;
      return { ...at, values: [name, email, phone, company] };
    }
    const messages = result.error.issues.map((issue) => issue.message);
    const code = messages[0]?.endsWith('is required') ? 'required' : 'email_invalid';
    return { ...at, code, row, faults: messages };
  });
}

function mostInARow(records: OracleRecord[], counts: (record: OracleRecord) => boolean): number {
  let most = 0;
  let row = 0;
  for (const record of records) {
    row = counts(record) ? row + 1 : 0;
    most = Math.max(most, row);
  }
  return most;
}

/** The header's line end, unless fewer than one record in a hundred has it: then the most frequent. */
function ownLineEnd(header: OracleRecord, records: OracleRecord[]): string {
  const ends = records.map(({ lineEnd }) => lineEnd).filter((lineEnd) => lineEnd !== '');
  const count = (wanted: string) => ends.filter((lineEnd) => lineEnd === wanted).length;
  if ((count(header.lineEnd) + 1) * 100 >= ends.length) return header.lineEnd;
  return ['\n', '\r\n', '\r'].reduce((most, lineEnd) => (count(lineEnd) > count(most) ? lineEnd : most));
}

/** A record of one field; or an invalid one without a delimiter before its first quote. */
function mayBeOneField({ cells, start, next }: OracleRecord, delimiter: string, bytes: Uint8Array): boolean {
  if (cells !== undefined) return cells.length === 1;
  const line = Buffer.from(bytes.subarray(start, next))
    .toString('latin1')
    .split(/[\r\n]/)[0]!;
  return !line.split('"')[0]!.includes(delimiter);
}
