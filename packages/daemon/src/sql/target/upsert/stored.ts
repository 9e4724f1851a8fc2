/**
 * The rows of the table between two keys, in the order of the key and in the binary format in which a batch has its own. So a
 * batch can be compared with them before it is staged (pipeline/target/unchangedRows.ts).
 */
import { quoteIdentifier } from '@csvjobs/shared';
import { copyOut } from '../../copy.js';
import type { Client } from '../../pool.js';
import { binaryLiteral, wholeNumber } from '../binaryLiteral.js';
import { columnList } from '../loadPlan.js';
import { type Between, between, orderedParts, type Part } from './keyRange.js';
import { tableAsT, type UpsertPlan } from './statements.js';

/** How many rows are read at most, for each row of the batch. */
const MOST = 2;

/** How much longer than the average row of the batch the values of a row may be that the file may leave empty, and bytes besides. */
const LONGER = 4;
const SPARE = 1_024;

/** Types of any length, and SQL functions that tell it without reading the value: it may be stored apart, and compressed. */
const LENGTHS = new Map([
  ...['text', 'varchar', 'bytea'].map((name) => [name, 'octet_length'] as const),
  ...['json', 'jsonb', 'xml'].map((name) => [name, 'pg_column_size'] as const),
]);

/** The rows to read, of which the limit applies to those in the range. */
export interface Stored extends Between {
  /** A condition that those meet which can be equal to rows of the file. */
  short: string;
}

/**
 * Returns whether rows that equal those of the file, byte by byte, are the rows with their keys, and an update would leave them
 * as they are. Not so for keys that are not in all rows or may be NULL, and if the file's value is not what is compared: it is
 * looked up, a DEFAULT takes its place, or an update leaves it out.
 */
export function mayCompare({
  target,
  columns,
  copied,
  lookups,
  defaults = [],
  conflict,
}: UpsertPlan): boolean {
  const { key, sets, onConflict } = conflict;
  if (lookups.length > 0 || defaults.length > 0 || key.predicate !== null) return false;
  const parts = key.parts.map(({ column }) => column);
  const isWhole = (name: string | null) =>
    copied.some((column) => column.name === name) &&
    target.columns.some((column) => column.name === name && column.notNull);
  if (!parts.every(isWhole)) return false;
  return onConflict === 'skip' || sets.length + parts.length === columns.length;
}

/**
 * Returns the rows between two keys. Undefined if the order of the key's first part is not known, or the file has the opposite.
 * @param first the values of the key's parts in the first row of the batch, in binary format, and `last` in its last
 * @param rows how many rows the batch has, and their number of bytes
 */
export function storedBetween(
  plan: UpsertPlan,
  first: readonly Buffer[],
  last: readonly Buffer[],
  { count: rows, bytes }: { count: number; bytes: number },
): Stored | undefined {
  const parts: Part[] = [];
  const ends: [string[], string[]] = [[], []];
  for (const [at, part] of orderedParts(plan).entries()) {
    const [from, to] = [first, last].map((values) => binaryLiteral(part.typeName, values[at]!));
    if (from === undefined || to === undefined) break;
    parts.push(part);
    ends[0].push(from);
    ends[1].push(to);
  }
  if (parts.length === 0) return undefined;
  const isNumber = plan.conflict.key.parts.length === 1 && parts[0]!.whole;
  const distance = isNumber ? wholeNumber(last[0]!) - wholeNumber(first[0]!) : undefined;
  if (distance !== undefined && distance < 0n) return undefined;
  const short = keepsShort(plan, Math.ceil((LONGER * bytes) / rows) + SPARE);
  return { range: between(parts, ...ends), short, limit: MOST * rows, distance };
}

/**
 * Leaves out rows with long values that a file may leave empty, because the table keeps them: PostgreSQL would send gigabytes
 * to compare them with nothing.
 */
function keepsShort({ target, conflict: { kept, onConflict } }: UpsertPlan, longest: number): string {
  if (onConflict === 'skip') return 'true';
  const lengths = kept.flatMap(({ column }) => {
    const { kind, name } = target.columns.find((each) => each.name === column)!.type;
    const length = kind === 'array' ? 'pg_column_size' : LENGTHS.get(name);
    return length === undefined ? [] : [`coalesce(${length}(t.${quoteIdentifier(column)}), 0)`];
  });
  return lengths.length === 0 ? 'true' : `${lengths.join(' + ')} <= ${longest}`;
}

/**
 * Reads rows of the table. Long ones count for the limit too: otherwise PostgreSQL would look for others up to the end of the range.
 * @param take receives the bytes of a binary COPY with the columns of the batch; if known rows are skipped, with those of the
 *   key, in its order
 */
export async function readStored(
  client: Client,
  plan: UpsertPlan,
  { range, short, limit }: Stored,
  take: (bytes: Buffer) => void,
): Promise<void> {
  const { copied, conflict } = plan;
  const keys = conflict.key.parts.map(({ column }) => `t.${quoteIdentifier(column!)}`).join(', ');
  const columns = conflict.onConflict === 'skip' ? keys : columnList(copied, 't');
  const near = `select ${columns} from ${tableAsT(plan)} where ${range} order by ${keys} limit ${limit}`;
  const rows = `select ${columns} from (${near}) t where ${short} order by ${keys}`;
  // Otherwise PostgreSQL may read the whole table before the limit.
  await client.query('set local enable_seqscan = off; set local enable_bitmapscan = off');
  const settings = 'set local enable_seqscan to default; set local enable_bitmapscan to default';
  await copyOut(client, `copy (${rows}) to stdout (format binary); ${settings}`, take);
}
