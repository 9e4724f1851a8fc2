/** The customers table: the statements that insert a batch's rows and find its duplicates. */
import { KNOWN_CUSTOMER_COLUMNS } from '@csvjobs/shared';
import { copyIn } from './copy.js';
import type { Client, Db } from './pool.js';

/** Columns of the COPY payload of customers and of the staging tables (see lanes.ts). */
export const CUSTOMER_COPY_COLUMNS = 'id, job_id, row_number, name, email, phone, company';

/** Which rows of a batch: the first with their e-mail (`direct`), or those that may not be (`suspect`). */
export type RowKind = 'direct' | 'suspect';

/** SQL for the key of an e-mail that the unique index covers (migration email-key). */
const keyOf = (email: string) => `csvjobs_email_key(${email}) collate "C"`;

/** A row that is rejected because another row has its e-mail. */
export interface Repeated {
  rowNumber: number;
  /** The row of the same file that has it; null if that row is another job's or no longer known. */
  winner: number | null;
}

/**
 * Copies rows straight into the table. If the e-mail of one is already there, all of them fail (SQLSTATE 23505).
 * Returns how many rows were inserted.
 */
export async function copyCustomers(client: Client, copy: Uint8Array): Promise<number> {
  return await copyIn(client, `copy customers (${CUSTOMER_COPY_COLUMNS}) from stdin (format binary)`, copy);
}

/** Copies rows into the staging table of their kind. */
export async function stageCustomers(client: Client, kind: RowKind, copy: Uint8Array): Promise<void> {
  await copyIn(client, `copy staged_${kind} from stdin (format binary)`, copy);
}

/**
 * Returns the staged rows whose e-mail is already in the table, in file order; they must be rejected. Moves the others
 * to `unclaimed_…`. The unique index, and so this, covers the table without inheritance children: one winner a row.
 */
export async function findClaimed(client: Client, kind: RowKind): Promise<Repeated[]> {
  const { rows } = await client.query<Repeated>(
    `with looked_up as materialized (
       select u.ctid as place, u.row_number, c.id is not null as claimed, ${IN_FILE} as winner
       from staged_${kind} u left join only customers c on ${keyOf('c.email')} = ${keyOf('u.email')}
     ), stayed as (
       insert into unclaimed_${kind}
       select u.* from looked_up join staged_${kind} u on u.ctid = place where not claimed
     )
     select row_number as "rowNumber", winner from looked_up where claimed order by row_number`,
  );
  return rows;
}

/**
 * Inserts the unclaimed rows in file order. Returns how many were inserted, and the rows that lost, to each other or
 * to a row inserted meanwhile.
 */
export async function insertRemaining(
  client: Client,
  kind: RowKind,
  unclaimed: number,
): Promise<{ inserted: number; rejected: Repeated[] }> {
  const { rowCount } = await client.query(
    `insert into customers (${CUSTOMER_COPY_COLUMNS})
     select * from unclaimed_${kind} order by row_number on conflict (${keyOf('email')}) do nothing`,
  );
  const inserted = rowCount ?? 0;
  if (inserted === unclaimed) return { inserted, rejected: [] };
  // A separate statement, because rows that the first one inserted are visible only now.
  const { rows } = await client.query<Repeated>(
    `select u.row_number as "rowNumber", ${IN_FILE} as winner
     from unclaimed_${kind} u join only customers c on ${keyOf('c.email')} = ${keyOf('u.email')}
     where c.id <> u.id`,
  );
  return { inserted, rejected: rows };
}

/** The winner's row if it is of the same file; null also if the winner's job is no longer known. */
const IN_FILE = 'case when c.job_id = u.job_id then c.row_number end';

/** Returns for each e-mail the row of the job's file that has it in the table; null if no row of the job has it. */
export async function rowsWithEmails(
  client: Client,
  jobId: string,
  emails: readonly string[],
): Promise<(number | null)[]> {
  const { rows } = await client.query<{ row: number | null }>(
    `select (
       select case when c.job_id = $1 then c.row_number end from customers c
       where ${keyOf('c.email')} = ${keyOf('e.email')} limit 1
     ) as row
     from unnest($2::text[]) with ordinality e (email, place) order by place`,
    [jobId, emails],
  );
  return rows.map(({ row }) => row);
}

/** Returns whether the table has columns that no csvjobs migration created. */
export async function hasMoreColumns(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ more: boolean }>(
    `select exists (
       select from pg_attribute where attrelid = 'customers'::regclass and attnum > 0 and not attisdropped
         and attname <> all($1)
     ) as more`,
    [KNOWN_CUSTOMER_COLUMNS],
  );
  return rows[0]!.more;
}
