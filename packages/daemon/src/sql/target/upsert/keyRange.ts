/**
 * The part of the table between the first and the last key of a batch. An export is often in the order of its key: then
 * the table has few other rows between them, and to read this part of the index once takes half the time of one
 * search per row (docs/decisions/0063-key-ranges.md).
 */
import type { QueryResult } from 'pg';
import type { Client } from '../../pool.js';
import { literal } from '../literal.js';
import { stagedRows, tableAsT, type UpsertPlan } from './statements.js';
import { withPlans } from './withPlans.js';

/** Types with a single order for indexes, and without a collation. */
const ORDERED: ReadonlySet<string> = new Set([
  ...['int2', 'int4', 'int8', 'numeric', 'uuid', 'date', 'time', 'timestamp', 'timestamptz'],
]);

/** How many rows of the table may be in the range, for each row of the batch. */
const MOST = 2;

/** How many batches of a load are not tried after one whose keys are far apart. */
const PAUSE = 7;

const paused = new WeakMap<UpsertPlan, number>();

/**
 * Returns a condition on the table, `t`, that only rows between the keys of the staged rows meet, these included. Undefined
 * if there are too many of them, or the order of the key is not known.
 * @param rows how many there are on the stage
 */
export async function keyRange(client: Client, plan: UpsertPlan, rows: number): Promise<string | undefined> {
  const parts = orderedParts(plan);
  if (parts.length === 0) return undefined;
  const pause = paused.get(plan) ?? 0;
  if (pause > 0) {
    paused.set(plan, pause - 1);
    return undefined;
  }
  const range = await readRange(client, plan, parts, MOST * rows);
  if (!range) return undefined;
  if (range.near >= MOST * rows) {
    paused.set(plan, PAUSE);
    return undefined;
  }
  return between(parts, valuesOf(range.first, parts), valuesOf(range.last, parts));
}

interface Part {
  expression: string;
  /** The type of its column, without domain. */
  type: string;
}

/** The first parts of the key up to one whose order is not known. NULLs that are equal have no place between others. */
function orderedParts({ target, conflict: { key } }: UpsertPlan): Part[] {
  if (key.nullsNotDistinct) return [];
  const parts = key.parts.map(({ column, expression }) => {
    const type = target.columns.find(({ name }) => name === column)?.type;
    return type?.system && ORDERED.has(type.name) ? { expression, type: type.base } : undefined;
  });
  const end = parts.indexOf(undefined);
  return parts.slice(0, end < 0 ? undefined : end) as Part[];
}

interface Range {
  /** The least and the greatest key, each part as text. */
  first: string[];
  last: string[];
  /** How many rows of the table there are between them, up to a limit. */
  near: number;
}

async function readRange(
  client: Client,
  plan: UpsertPlan,
  parts: readonly Part[],
  limit: number,
): Promise<Range | undefined> {
  const { predicate } = plan.conflict.key;
  const keys = parts.map((_, at) => `csvjobs$k${at}`);
  const has = keys.map((key) => `${key} is not null`);
  if (predicate !== null) has.push('csvjobs$covered');
  const end = (direction: string) =>
    `(select ${keys.join(', ')} from ${stagedRows(plan)} s where ${has.join(' and ')}
      order by ${keys.map((key) => `${key} ${direction}`).join(', ')} limit 1)`;
  const of = (row: string) => keys.map((key) => `${row}.${key}`);
  const texts = (row: string) => `array[${of(row).map((key) => `${key}::text`)}]`;
  const inside = [between(parts, of('f'), of('l')), ...(predicate === null ? [] : [`(${predicate})`])];
  const statement = `select ${texts('f')} as first, ${texts('l')} as last, (select count(*) from (
      select from ${tableAsT(plan)} where ${inside.join(' and ')} limit ${limit}) near) as near
    from ${end('asc')} f, ${end('desc')} l`;
  // Otherwise PostgreSQL may read the whole table before the limit.
  const results = await client.query(withPlans(['seqscan', 'bitmapscan'], statement));
  return (results as unknown as QueryResult<Range>[]).find(({ command }) => command === 'SELECT')!.rows[0];
}

function valuesOf(texts: readonly string[], parts: readonly Part[]): string[] {
  return texts.map((text, at) => `${literal(text)}::${parts[at]!.type}`);
}

/** A comparison of rows, which an index of several columns supports (PostgreSQL manual, section 9.25.5). */
function between(parts: readonly Part[], first: readonly string[], last: readonly string[]): string {
  const key = `(${parts.map(({ expression }) => `(${expression})`).join(', ')})`;
  return `${key} >= (${first.join(', ')}) and ${key} <= (${last.join(', ')})`;
}
