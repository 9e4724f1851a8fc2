/**
 * The row of a record that was just written, read back. No column says which one it is, and a look at a whole table may take minutes: so
 * it is looked for by a key, by the number that a sequence has just given, and where new rows usually go; what is left is searched in one
 * scan, and not for long.
 */
import { quoteIdentifier, type Target, type TargetColumn, type TargetKey } from '@csvjobs/shared';
import type { Client } from '../pool.js';
import { isRefusal } from '../target/attempt.js';
import { literal } from '../target/literal.js';
import { tableOf } from '../target/loadPlan.js';

/** A row as texts, by column. */
export type Values = Record<string, string | null>;

/** What is known of a row. */
export interface SoughtRow {
  /** What the record has for the columns that the file fills, as PostgreSQL reads it. */
  texts: Readonly<Values>;
  /** Keys by which it may be found. */
  keys: readonly TargetKey[];
  /** What its `xmin` is, as a multirange; undefined where it was not written. */
  ids: string | undefined;
}

interface Condition {
  text: string;
  values: (string | null)[];
}

/** Rows of a table are looked for in so many of its last pages. */
const LAST_PAGES = 16;
/** A scan of the whole table is given up after this long. */
const SCAN_MS = 5_000;
/** What a look may end with besides a refusal: the scan took too long; the sequence has given no number in this session. */
const NOTHING_FOUND = new Set(['57014', '55000']);

const AS_TEXT = { getTypeParser: () => (value: string) => value };

/** Undefined where it is not found so, or the role may not read the table. */
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

/** Rows that are found in no other way, by their ids, in one look at the table. Undefined for those that are not there. */
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

/** Looks for something in a subtransaction of which nothing stays, be it a setting. Undefined where PostgreSQL refuses. */
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

/** A row that was kept as text (job_journal). */
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

/** Columns for which the table makes a value anew for each row, where the file has none. */
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
  // What follows is of rows that were written.
  if (ids === undefined) return;
  const number = hasLastNumber(target, texts);
  if (number) yield number;
  if (target.kind !== 'table') return;
  const table = literal(tableOf(target));
  const last = `greatest(0, pg_relation_size(${table}::regclass) / current_setting('block_size')::int - ${LAST_PAGES})`;
  yield { text: `ctid >= (select format('(%s,0)', ${last})::tid)`, values: [] };
}

/** A key of the record's own values, of which all are known. Expressions are computed of them as the index computes them. */
function hasKey(
  target: Target,
  { columns, parts, predicate }: TargetKey,
  texts: Readonly<Values>,
): Condition | undefined {
  if (predicate !== null || columns.length === 0 || columns.some((name) => texts[name] == null))
    return undefined;
  const typed = columns.map((name, at) => {
    const { type } = target.columns.find((column) => column.name === name)!;
    return `$${at + 1}::${type.sql} as ${quoteIdentifier(name)}`;
  });
  const same = parts.map(
    ({ expression }) =>
      `(${expression}) = (select (${expression}) from (select ${typed.join(', ')}) csvjobs_record)`,
  );
  return { text: same.join(' and '), values: columns.map((name) => texts[name]!) };
}

/** The primary key where a sequence has given it, in this session, last. */
function hasLastNumber(target: Target, texts: Readonly<Values>): Condition | undefined {
  const [name, more] = target.keys.find(({ primary }) => primary)?.columns ?? [];
  if (name === undefined || more !== undefined || texts[name] != null) return undefined;
  const { identity, default: value } = target.columns.find((column) => column.name === name)!;
  const sequence =
    identity === null
      ? /^nextval\(('(?:[^']|'')+'::regclass)\)$/.exec(value ?? '')?.[1]
      : `pg_get_serial_sequence(${literal(tableOf(target))}, ${literal(name)})::regclass`;
  return sequence === undefined
    ? undefined
    : { text: `${quoteIdentifier(name)} = (select currval(${sequence}))`, values: [] };
}

/** Rows of views and of foreign tables do not say which transaction has written them. */
function hasIds({ kind }: Target): boolean {
  return kind === 'table' || kind === 'partitioned table';
}

function columnsOf({ columns }: Target, of = ''): string {
  return columns.map(({ name }) => of + quoteIdentifier(name)).join(', ');
}

function valuesOf({ columns }: Target, cells: readonly (string | null)[]): Values {
  return Object.fromEntries(columns.map(({ name }, at) => [name, cells[at] ?? null]));
}
