/**
 * Files for shop.lines with every kind of error, and the expected outcome of each record. Each record is created with
 * its own verdict; whether its key is a duplicate is then decided with a map, record by record in file order.
 */
import { MAX_RECORD_BYTES } from './dirtyFile.js';
import { LINES, PRODUCTS } from './lines.js';
import type { Cell, DirtyFile } from './loadedTable.js';
import { randomNumbers } from './random.js';

const HEADER = 'order_ref,line,sku,quantity,price,sent_on,state,note,seq';

/** The values of a record in the file, and the stored values if different. */
interface Line {
  order_ref: string;
  line: string;
  sku: string;
  quantity: string;
  price: string;
  sent_on: string;
  state: string;
  note: string;
}

export interface LineRecord {
  /** Undefined for a record that cannot be split into the header's fields. */
  values: (Line & { seq: string }) | undefined;
  /** The record's own error, if any. */
  code: string | undefined;
  /** PostgreSQL would accept it, but csvjobs does not: it never changes a value silently. */
  stricter: boolean;
}

export interface DirtyLines extends DirtyFile {
  /** The records one by one, for tests that insert them directly. */
  each: LineRecord[];
}

type Fault = [code: string, change: Partial<Line>, stricter?: 'stricter'];

/** Errors in values, single or combined: of several errors the report has the first column's. */
const FAULTS: readonly Fault[] = [
  ['not_an_integer', { quantity: 'x5' }],
  ['not_an_integer', { line: 'one', price: 'much' }],
  ['required', { quantity: '' }],
  ['required', { state: '', sku: 'none' }],
  ['required', { order_ref: '' }],
  ['out_of_range', { quantity: '99999999999' }],
  ['not_a_number', { price: 'cheap' }],
  ['too_many_decimals', { price: '1.239' }, 'stricter'],
  ['too_many_digits', { price: '123456789.00' }],
  ['no_such_date', { sent_on: '2023-02-29' }],
  ['date_format_unknown', { sent_on: '3/4/2024' }, 'stricter'],
  ['not_in_list', { state: 'lost' }],
  ['check_failed', { quantity: '0' }],
  ['check_failed', { state: 'sent', sent_on: '' }],
  ['check_failed', { quantity: '-1', sku: 'none' }],
  ['foreign_key_missing', { sku: 'none' }],
  ['foreign_key_missing', { sku: 'p1' }],
];

/** Records that cannot be split into the header's fields, or contain invalid text. */
const MALFORMED: readonly [code: string, text: (line: Line) => string][] = [
  ['stray_quote', (line) => `${line.order_ref},1,P"1,1,1,,open,,1`],
  ['stray_quote', (line) => `"${line.order_ref}"x,1,P1,1,1,,open,,1`],
  ['wrong_number_of_fields', (line) => `${line.order_ref},1,P1`],
  ['wrong_number_of_fields', (line) => `${line.order_ref},1,P1,1,1,,open,,1,too,many`],
  ['nul_character', (line) => `${line.order_ref}\0,1,P1,1,1,,open,,1`],
  ['invalid_encoding', (line) => `${line.order_ref}\xff\xfe,1,P1,1,1,,open,,1`],
  ['record_too_long', (line) => `${line.order_ref},1,P1,1,1,,open,${'x'.repeat(MAX_RECORD_BYTES + 1)},1`],
];

/** Good records in between, of every form; some with values that only PostgreSQL can parse. */
const GOOD: readonly Partial<Line>[] = [
  {},
  { quantity: ' 12 ', price: '+7.5', note: 'plain' },
  { sent_on: '2024-02-29', state: 'sent', note: 'a, "quoted" note' },
  { note: 'two\nlines, 日本' },
  { price: '1e1', sku: 'P39' },
  { price: '-.5', quantity: '007' },
];

/** The stored values of GOOD that differ from the file. */
const STORED: Readonly<Record<string, string>> = { '+7.5': '7.50', '1e1': '10.00', '-.5': '-0.50' };

/** @param records at least 100 */
export function dirtyLines(seed: number, records: number, owner = 'a'): DirtyLines {
  const random = randomNumbers(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const known = Array.from({ length: records / 100 }, (_, at) => `order-${owner}-k,${at}`);
  const key = (index: number) => ({ order_ref: `order-${owner}-${index >> 2}`, line: String(index & 3) });
  /** A key of another record, or of the table; the last two are rare, as they make batches wait for each other. */
  const taken = (index: number): Partial<Line> => {
    const kind = random();
    const near = Math.max(0, index - 1 - Math.floor(random() * 3));
    if (kind < 0.4) return key(near);
    if (kind < 0.7) return key(Math.floor(random() * index));
    const [order_ref, line] = pick(known).split(',') as [string, string];
    if (kind < 0.98) return { order_ref, line };
    return { ...key(Math.max(0, index - 60)), line: `0${key(Math.max(0, index - 60)).line}` };
  };
  const each: LineRecord[] = [];
  const texts: string[] = [];
  for (let index = 0; index < records; index++) {
    const plain: Line = {
      ...key(index),
      sku: `P${index % PRODUCTS}`,
      quantity: String(1 + (index % 9)),
      price: `${index % 90}.${10 + (index % 80)}`,
      sent_on: '',
      state: 'open',
      note: '',
    };
    const good = { ...plain, ...pick(GOOD) };
    const kind = random();
    if (index === records - 1) {
      // An unclosed quote takes the rest of the file, as one record.
      each.push({ values: undefined, code: 'unclosed_quote', stricter: false });
      texts.push(`${good.order_ref},"1`);
      continue;
    }
    if (kind < 0.03) {
      const [code, text] = pick(MALFORMED);
      each.push({ values: undefined, code, stricter: false });
      texts.push(text(good));
      continue;
    }
    const [code, change, stricter] = kind < 0.1 ? pick(FAULTS) : [undefined, {}];
    // A record rejected for its values leaves its key to others, even if it was taken.
    const values = { ...good, ...(kind < 0.15 && kind > 0.08 ? taken(index) : {}), ...change };
    const line = { ...values, seq: String(index + 1) };
    each.push({ values: line, code, stricter: stricter !== undefined });
    texts.push(written(line));
  }
  // Without a line end after the last record, which would belong to its quote.
  const bytes = Buffer.concat(
    [HEADER, ...texts].flatMap((text, at) => [
      Buffer.from(text, text.includes('\xff') ? 'latin1' : 'utf8'),
      Buffer.from(at < texts.length ? '\n' : ''),
    ]),
  );
  return { table: LINES, owner, bytes, records, known, each, ...verdicts(each, texts, known) };
}

function written(line: Record<string, string>): string {
  return HEADER.split(',')
    .map((name) => line[name]!)
    .map((value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value))
    .join(',');
}

/** The outcome of each record when they are applied one by one. */
function verdicts(
  each: readonly LineRecord[],
  texts: readonly string[],
  known: readonly string[],
): Pick<DirtyFile, 'accepted' | 'rejected'> {
  const inTable = new Set(known);
  const keys = new Set(known);
  const accepted: DirtyFile['accepted'] = [];
  const rejected: DirtyFile['rejected'] = [];
  let line = 2;
  for (const [at, { values, code }] of each.entries()) {
    const key = values && `${values.order_ref},${Number(values.line)}`;
    if (code === undefined && !keys.has(key!)) {
      keys.add(key!);
      accepted.push([at + 1, ...stored(values!)]);
    } else {
      const repeat = inTable.has(key!) ? 'duplicate_in_table' : 'duplicate_in_file';
      rejected.push([at + 1, line, code ?? repeat]);
    }
    line += texts[at]!.split('\n').length;
  }
  return { accepted, rejected };
}

/** The values as stored in the table. */
export function stored({ order_ref, line, sku, quantity, price, sent_on, state, note }: Line): Cell[] {
  const money = STORED[price] ?? price;
  return [order_ref, Number(line), sku, Number(quantity), money, sent_on || null, state, note || null];
}
