/** Statements for which PostgreSQL must not choose certain plans, whatever its statistics say: they may be old. */
import type { QueryResult, QueryResultRow } from 'pg';
import type { Client } from '../../pool.js';

/**
 * Runs a statement, as one simple query together with the settings. Returns its rows.
 * @param off methods of the planner (PostgreSQL manual, section 19.7.1), without `enable_`
 */
export async function withPlans<Row extends QueryResultRow>(
  client: Client,
  off: readonly string[],
  statement: string,
): Promise<Row[]> {
  const set = (to: string) => off.map((each) => `set local enable_${each} ${to};`).join(' ');
  const results = await client.query(`${set('= off')} ${statement}; ${set('to default')}`);
  return (results as unknown as QueryResult<Row>[])[off.length]!.rows;
}

/**
 * The plans without which PostgreSQL finds rows of the table in a range of their keys, or else one by one, by index or place,
 * whatever the statistics say. They may be from a table that this job is filling, and scanning it in each batch takes time
 * proportional to the square of its size.
 */
export function plansToAvoid(range: string | undefined): string[] {
  return range === undefined
    ? ['hashjoin', 'mergejoin', 'memoize', 'material']
    : ['seqscan', 'nestloop', 'mergejoin'];
}
