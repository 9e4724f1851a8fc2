/**
 * Statements that PostgreSQL takes much longer to plan than to run. A connection keeps such a plan (PREPARE), for all who use the
 * connection later.
 */
import { createHash } from 'node:crypto';
import type { QueryResult, QueryResultRow } from 'pg';
import type { Db } from './pool.js';
import { Session } from './session.js';
import { literal } from './target/literal.js';

/**
 * Runs a statement with text parameters, by the kept plan if there is one. Outside of a transaction it is planned again: behind a
 * pooler, the next statement may get another connection. For the same reason nothing is remembered here: pg_prepared_statements knows
 * what a connection has.
 * @param sql the types of its columns must not depend on tables that may change (PostgreSQL refuses such a plan)
 */
export async function runKept<Row extends QueryResultRow>(
  db: Db,
  sql: string,
  values: readonly string[],
): Promise<Row[]> {
  if (!inTransaction(db)) return (await db.query<Row>(sql, [...values])).rows;
  // Daemons of several versions may share the connections of a pooler.
  const name = `csvjobs_${createHash('sha256').update(sql).digest('hex').slice(0, 16)}`;
  const { rows } = await db.query<{ kept: boolean }>(
    'select exists (select from pg_prepared_statements where name = $1) as kept',
    [name],
  );
  if (!rows[0]!.kept) await db.query(`prepare ${name} as ${sql}`);
  // Without the setting, PostgreSQL plans the first five times for the values.
  const results = (await db.query(
    `set local plan_cache_mode = force_generic_plan; execute ${name} (${values.map(literal).join(', ')});
     set local plan_cache_mode to default`,
  )) as unknown as QueryResult<Row>[];
  return results[1]!.rows;
}

function inTransaction(db: Db): boolean {
  return db instanceof Session && db.inTransaction;
}
