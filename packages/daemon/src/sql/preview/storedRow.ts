/**
 * Reads back the row of a record that was just written. No column identifies it, and scanning a whole table may take
 * minutes. So it is looked up by a key, by the number that a sequence has just assigned, and where new rows usually
 * go; the remaining rows are searched in one scan with a time limit.
 */
import {
  ownValue,
  partColumns,
  quoteIdentifier,
  type Target,
  type TargetColumn,
  type TargetKey,
} from '@csvjobs/shared';
import type { Client } from '../pool.js';
import { isRefusal } from '../target/attempt.js';
import { literal } from '../target/literal.js';
import { tableOf } from '../target/loadPlan.js';

/** A row as texts, by column. */
export type Values = Record<string, string | null>;

/** What is known about a row. */
export interface SoughtRow {
  /** The record's values for the columns that the file fills, as PostgreSQL reads them. */
  texts: Readonly<Values>;
  /** Keys to try. */
  keys: readonly TargetKey[];
  /** The possible ids in its `xmin`, as a multirange; undefined if it was not written. */
  ids: string | undefined;
}

interface Condition {
  text: string;
  values: (string | null)[];
}

/** How many of the last pages of a table to search for a row. */
const LAST_PAGES = 16;
/** Time limit for a scan of the whole table. */
const SCAN_MS = 5_000;
/** Errors, besides refusals, that mean not found: the scan took too long; the session has no current sequence value. */
const NOTHING_FOUND = new Set(['57014', '55000']);

const AS_TEXT = { getTypeParser: () => (value: string) => value };

/** Returns undefined if the row is not found in this way, or the role may not read the table. */
export async function findStored(
  client: Client,
  target: Target,
  row: SoughtRow,
): Promise<Values | undefined> {
  for (const { text, values } of conditions(target, row)) {
    const own = row.ids !== undefined && hasIds(target);
    const written = own ? `$${values.length + 1}::int8multirange @> xmin::text::bigint and` : '';
    const found = await look(client, () =>
      client.query<(string | null)[]>({
        text: `select ${columnsOf(target)} from ${tableOf(target)} where ${written} ${text} limit 1`,
        values: own ? [...values, row.ids!] : values,
        rowMode: 'array',
        types: AS_TEXT,
      }),
    );
    const [cells] = found?.rows ?? [];
    if (cells) return valuesOf(target, cells);
  }
  return undefined;
}

/** Finds rows that no other way finds, by their ids, in one scan of the table. Returns undefined for missing ones. */
export async function scanForStored(
  client: Client,
  target: Target,
  ids: readonly string[],
): Promise<(Values | undefined)[]> {
  if (ids.length === 0 || !hasIds(target)) return ids.map(() => undefined);
  const found = await look(client, async () => {
    await client.query(`set local statement_timeout = ${SCAN_MS}`);
    return await client.query<(string | null)[]>({
      text: `select found.place::text, ${columnsOf(target, 't.')} from ${tableOf(target)}
        t join unnest($1::int8multirange[]) with ordinality found (ids, place) on found.ids @> t.xmin::text::bigint`,
      values: [ids],
      rowMode: 'array',
      types: AS_TEXT,
    });
  });
  const rows = new Map(
    found?.rows.map(([place, ...cells]) => [Number(place) - 1, valuesOf(target, cells)] as const),
  );
  return ids.map((_, at) => rows.get(at));
}

/** Queries in a subtransaction that is rolled back, including its settings. Returns undefined if PostgreSQL refuses. */
async function look<T extends object>(client: Client, work: () => Promise<T>): Promise<T | undefined> {
  await client.query('savepoint csvjobs_look');
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error) && !NOTHING_FOUND.has((error as { code?: string }).code ?? '')) throw error;
    return undefined;
  } finally {
    await client.query('rollback to savepoint csvjobs_look; release savepoint csvjobs_look').catch(() => {});
  }
}

/** Reads a row that was kept as text (job_journal). */
export async function readRowText(client: Client, target: Target, row: string): Promise<Values | undefined> {
  const cells = target.columns.map(({ name }) => `(kept.whole).${quoteIdentifier(name)}`).join(', ');
  const read = await look(client, () =>
    client.query<(string | null)[]>({
      text: `select ${cells} from (select $1::${tableOf(target)} as whole offset 0) kept`,
      values: [row],
      rowMode: 'array',
      types: AS_TEXT,
    }),
  );
  const [found] = read?.rows ?? [];
  return found && valuesOf(target, found);
}

/** Returns the columns that the file does not fill and for which the table generates a new value for each row. */
export function generatedColumns({ columns }: Target, filled: ReadonlySet<string>): string[] {
  const isMade = ({ identity, default: value }: TargetColumn) =>
    identity !== null || (value !== null && /\b(nextval|\w*uuid\w*|random)\s*\(/i.test(value));
  return columns.filter((column) => !filled.has(column.name) && isMade(column)).map(({ name }) => name);
}

function* conditions(target: Target, { texts, keys, ids }: SoughtRow): Generator<Condition> {
  for (const key of keys) {
    const condition = hasKey(target, key, texts);
    if (condition) yield condition;
  }
  // The remaining conditions apply only to rows that were written.
  if (ids === undefined) return;
  const number = hasLastNumber(target, texts);
  if (number) yield number;
  if (target.kind !== 'table') return;
  const table = literal(tableOf(target));
  const last = `greatest(0, pg_relation_size(${table}::regclass) / current_setting('block_size')::int - ${LAST_PAGES})`;
  yield { text: `ctid >= (select format('(%s,0)', ${last})::tid)`, values: [] };
}

/** Condition for a key whose values are all known from the record. Expressions are computed like those of the index. */
function hasKey(target: Target, key: TargetKey, texts: Readonly<Values>): Condition | undefined {
  const columns = partColumns(key);
  if (columns.length === 0 || columns.some((name) => ownValue(texts, name) == null)) return undefined;
  const typed = columns.map((name, at) => {
    const { type } = target.columns.find((column) => column.name === name)!;
    return `$${at + 1}::${type.sql} as ${quoteIdentifier(name)}`;
  });
  const same = key.parts.map(
    ({ expression }) =>
      `(${expression}) = (select (${expression}) from (select ${typed.join(', ')}) csvjobs_record)`,
  );
  if (key.predicate !== null) same.push(`(${key.predicate})`);
  return { text: same.join(' and '), values: columns.map((name) => ownValue(texts, name)!) };
}

/** Condition for a primary key that was the last number of a sequence in this session. */
function hasLastNumber(target: Target, texts: Readonly<Values>): Condition | undefined {
  const [name, more] = target.keys.find(({ primary }) => primary)?.columns ?? [];
  if (name === undefined || more !== undefined || ownValue(texts, name) != null) return undefined;
  const { identity, default: value } = target.columns.find((column) => column.name === name)!;
  const sequence =
    identity === null
      ? /^nextval\(('(?:[^']|'')+'::regclass)\)$/.exec(value ?? '')?.[1]
      : `pg_get_serial_sequence(${literal(tableOf(target))}, ${literal(name)})::regclass`;
  return sequence === undefined
    ? undefined
    : { text: `${quoteIdentifier(name)} = (select currval(${sequence}))`, values: [] };
}

/** Rows of views and foreign tables do not show which transaction has written them. */
function hasIds({ kind }: Target): boolean {
  return kind === 'table' || kind === 'partitioned table';
}

function columnsOf({ columns }: Target, of = ''): string {
  return columns.map(({ name }) => of + quoteIdentifier(name)).join(', ');
}

function valuesOf({ columns }: Target, cells: readonly (string | null)[]): Values {
  return Object.fromEntries(columns.map(({ name }, at) => [name, cells[at] ?? null]));
}
