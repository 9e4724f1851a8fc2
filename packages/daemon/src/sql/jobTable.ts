/**
 * Which table a job loads into, as `writeTableName` writes it. Only this file knows where that is stored. Clients
 * that are limited to some tables see jobs only through the condition here.
 */
import type { Db } from './pool.js';

/** Expression over a row of `jobs`. In it, `customers` without a schema means the table of this csvjobs. */
const JOB_TABLE = `case target_table when 'customers' then quote_ident(current_schema()) || '.customers' else target_table end`;

/**
 * Condition over a row of `jobs`: its table matches a regular expression (`tableRegex`), or the expression is null.
 * @param regex the placeholder of the parameter, such as `$3`
 */
export function jobVisible(regex: string): string {
  return `(${regex}::text is null or (${JOB_TABLE}) ~ ${regex})`;
}

/** Returns the table of a job; null if there is no such job. A job's table never changes. */
export async function tableOfJob(db: Db, id: string): Promise<string | null> {
  const { rows } = await db.query<{ table: string }>(
    `select ${JOB_TABLE} as table from jobs where id = $1 and deleted_at is null`,
    [id],
  );
  return rows[0]?.table ?? null;
}
