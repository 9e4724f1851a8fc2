/**
 * Which table a job loads into, as `writeTableName` writes it. The only place that knows where this stands; whoever is
 * for some tables only sees jobs through the condition here.
 */
import type { Db } from './pool.js';

/** An expression over a row of `jobs`, whose `customers` without a schema is that of this csvjobs. */
const JOB_TABLE = `case target_table when 'customers' then quote_ident(current_schema()) || '.customers' else target_table end`;

/**
 * A condition over a row of `jobs`: its table matches a regular expression (`tableRegex`), or that is null.
 * @param regex the parameter that has it: `$3`
 */
export function jobVisible(regex: string): string {
  return `(${regex}::text is null or (${JOB_TABLE}) ~ ${regex})`;
}

/** The table of a job; null where there is no such job. It stays the same as long as the job is there. */
export async function tableOfJob(db: Db, id: string): Promise<string | null> {
  const { rows } = await db.query<{ table: string }>(
    `select ${JOB_TABLE} as table from jobs where id = $1 and deleted_at is null`,
    [id],
  );
  return rows[0]?.table ?? null;
}
