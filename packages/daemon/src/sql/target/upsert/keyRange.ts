/**
 * The part of the table between the first and the last key of a batch. An export is often in the order of its key: then
 * the table has few other rows between them, and to read this part of the index once takes half the time of one
 * search per row (docs/decisions/0063-key-ranges.md).
 */
import type { Client } from '../../pool.js';
import { literal } from '../literal.js';
import { Pause } from './pause.js';
import { stagedRows, tableAsT, type UpsertPlan } from './statements.js';
import { withPlans } from './withPlans.js';

/** Types with a single order for indexes, and without a collation. */
const ORDERED: ReadonlySet<string> = new Set([
  ...['int2', 'int4', 'int8', 'numeric', 'uuid', 'date', 'time', 'timestamp', 'timestamptz'],
]);

/** Of these, the whole numbers. */
const WHOLE: ReadonlySet<string> = new Set(['int2', 'int4', 'int8']);

/** How many rows of the table may be in the range, for each row of the batch. */
const MOST = 2;

/** Of each load, after batches whose keys are far apart. */
const pauses = new WeakMap<UpsertPlan, Pause>();

/**
 * Returns a condition on the table, `t`, that only rows between the keys of the staged rows meet, these included. Undefined
 * if there are too many of them, or the order of the key is not known.
 * @param rows how many there are on the stage
 */
export async function keyRange(client: Client, plan: UpsertPlan, rows: number): Promise<string | undefined> {
  const parts = orderedParts(plan);
  if (parts.length === 0) return undefined;
  const pause = pauses.get(plan) ?? new Pause();
  pauses.set(plan, pause);
  if (pause.includesNext()) return undefined;
  const isNumber = plan.conflict.key.parts.length === 1 && parts[0]!.whole;
  const ends = await readEnds(client, plan, parts, isNumber);
  if (!ends) return undefined;
  const range = between(parts, valuesOf(ends.first, parts), valuesOf(ends.last, parts));
  const limit = MOST * rows;
  const distance = isNumber ? BigInt(ends.last[0]!) - BigInt(ends.first[0]!) : undefined;
  if (await isShort(client, plan, { range, limit, distance })) {
    pause.reset();
    return range;
  }
  pause.begin();
  return undefined;
}

/** A part of a key whose order is known. */
export interface Part {
  expression: string;
  /** The type of its column, without domain. */
  type: string;
  /** The same as in pg_type. */
  typeName: string;
  /** Whether its values are whole numbers. */
  whole: boolean;
}

/** The first parts of the key up to one whose order is not known. NULLs that are equal have no place between others. */
export function orderedParts({ target, conflict: { key } }: UpsertPlan): Part[] {
  if (key.nullsNotDistinct) return [];
  const parts = key.parts.map(({ column, expression }) => {
    const type = target.columns.find(({ name }) => name === column)?.type;
    if (!type?.system || !ORDERED.has(type.name)) return undefined;
    return { expression, type: type.base, typeName: type.name, whole: WHOLE.has(type.name) };
  });
  const end = parts.indexOf(undefined);
  return parts.slice(0, end < 0 ? undefined : end) as Part[];
}

/** The least and the greatest key of a batch, each part as text. */
interface Ends {
  first: string[];
  last: string[];
}

async function readEnds(
  client: Client,
  plan: UpsertPlan,
  parts: readonly Part[],
  isNumber: boolean,
): Promise<Ends | undefined> {
  const keys = parts.map((_, at) => `csvjobs$k${at}`);
  const has = keys.map((key) => `${key} is not null`);
  if (plan.conflict.key.predicate !== null) has.push('csvjobs$covered');
  const rows = `${stagedRows(plan)} s where ${has.join(' and ')}`;
  const end = (direction: string) =>
    `(select array[${keys.map((key) => `${key}::text`).join(', ')}] from (
      select ${keys.join(', ')} from ${rows} order by ${keys.map((key) => `${key} ${direction}`).join(', ')} limit 1) one)`;
  // Not all types have min and max, which read the stage once instead of twice.
  const ends = isNumber
    ? `select array[min(${keys[0]})::text] as first, array[max(${keys[0]})::text] as last from ${rows} having count(*) > 0`
    : `select ${end('asc')} as first, ${end('desc')} as last`;
  const result = await client.query<Ends | { first: null }>(ends);
  const [found] = result.rows;
  return found?.first ? found : undefined;
}

/** Rows of the table between two keys. */
export interface Between {
  /** A condition on the table, `t`. */
  range: string;
  /** How many rows they may be at most. */
  limit: number;
  /** How far apart the keys are, if the key is one whole number. */
  distance: bigint | undefined;
}

/** Returns whether the table has few enough rows there; it counts up to the limit. */
export async function isShort(
  client: Client,
  plan: UpsertPlan,
  { range, limit, distance }: Between,
): Promise<boolean> {
  // The table has each number at most once, so it has few between two that are close.
  if (distance !== undefined && distance < BigInt(limit - 1)) return true;
  const { predicate } = plan.conflict.key;
  const inside = predicate === null ? range : `${range} and (${predicate})`;
  const statement = `select count(*) from (select from ${tableAsT(plan)} where ${inside} limit ${limit}) near`;
  // Otherwise PostgreSQL may read the whole table before the limit.
  const rows = await withPlans<{ count: number }>(client, ['seqscan', 'bitmapscan'], statement);
  return rows[0]!.count < limit;
}

function valuesOf(texts: readonly string[], parts: readonly Part[]): string[] {
  return texts.map((text, at) => `${literal(text)}::${parts[at]!.type}`);
}

/** A comparison of rows, which an index of several columns supports (PostgreSQL manual, section 9.25.5). */
export function between(parts: readonly Part[], first: readonly string[], last: readonly string[]): string {
  const key = `(${parts.map(({ expression }) => `(${expression})`).join(', ')})`;
  return `${key} >= (${first.join(', ')}) and ${key} <= (${last.join(', ')})`;
}
