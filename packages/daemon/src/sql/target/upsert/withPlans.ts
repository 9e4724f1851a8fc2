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
