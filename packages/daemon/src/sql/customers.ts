/** The customers table: rows go in by way of a staging table, so that PostgreSQL itself finds the duplicates. */
import type { Rejection } from '@csvjobs/shared';
import { PREVIEW_LIMIT } from '@csvjobs/shared';
import type pg from 'pg';
import { copyIn } from './copy.js';

/** Makes a connection ready for `loadCustomers`: the staging table lives and dies with it. */
export async function prepareStaging(client: pg.ClientBase): Promise<void> {
  await client.query(`
    create temp table if not exists staged_customers (
      row_number bigint, line bigint, name text, email text collate pg_c_utf8, phone text, company text
    ) on commit delete rows`);
}

/** What became of the staged rows: how many are in the table, how many lost, and the first of those. */
export interface Loaded {
  inserted: number;
  duplicates: number;
  preview: Rejection[];
}

/**
 * Inside a transaction: puts valid rows into customers, the first of each e-mail winning, and the rows that lost
 * into job_errors with the place of the winner. `copy` holds COPY lines in the columns of the staging table.
 */
export async function loadCustomers(client: pg.ClientBase, jobId: string, copy: Uint8Array): Promise<Loaded> {
  await copyIn(client, 'copy staged_customers from stdin', copy);
  const inserted = await client.query(
    `with won as (
       insert into customers (job_id, row_number, name, email, phone, company)
       select $1, row_number, name, email, phone, company from staged_customers order by row_number
       on conflict (lower(email)) do nothing
       returning row_number
     )
     delete from staged_customers using won where staged_customers.row_number = won.row_number`,
    [jobId],
  );
  // A second statement: the rows that the first one put in are visible only now.
  const lost = await client.query<{ count: number; preview: Rejection[] | null }>(
    `with lost as (
       insert into job_errors (job_id, row_number, line, column_name, code, message, row)
       select $1, s.row_number, s.line, 'email',
         case when c.job_id = $1 then 'duplicate_in_file' else 'already_in_customers' end,
         case when c.job_id = $1 then 'duplicate of row ' || c.row_number else 'already in customers' end,
         jsonb_build_object('name', s.name, 'email', s.email, 'phone', coalesce(s.phone, ''), 'company', s.company)
       from staged_customers s left join customers c on lower(c.email) = lower(s.email)
       returning row_number, line, column_name as "column", code, message, row
     )
     select (select count(*) from lost) as count,
       (select jsonb_agg(first) from (select * from lost order by row_number limit ${PREVIEW_LIMIT}) first) as preview`,
    [jobId],
  );
  const { count, preview } = lost.rows[0]!;
  return { inserted: inserted.rowCount ?? 0, duplicates: count, preview: (preview ?? []).map(toRejection) };
}

function toRejection(row: Rejection & { row_number?: number }): Rejection {
  const { row_number: rowNumber = row.rowNumber, ...rest } = row;
  return { ...rest, rowNumber };
}
