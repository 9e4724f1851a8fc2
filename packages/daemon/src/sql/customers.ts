/** The customers table: the statements with which a batch's rows go in, and by which its duplicates are found. */
import { copyIn } from './copy.js';
import type { Client } from './pool.js';

/** The columns of the COPY payload of customers, and of the staging tables (see lanes.ts). */
export const CUSTOMER_COPY_COLUMNS = 'id, job_id, row_number, name, email, phone, company';

/** Which of a batch's rows are meant: those that are the first of their e-mail, or those that may not be. */
export type RowKind = 'direct' | 'suspect';

/** What the unique index is on (migration email-key), of an e-mail as SQL. */
const keyOf = (email: string) => `csvjobs_email_key(${email}) collate "C"`;

/** Where the rows of a batch stand in the file: `lines` has the physical line of each record from `firstRow` on. */
export interface Places {
  firstRow: number;
  /** A bigint[] in PostgreSQL's binary form. */
  lines: Uint8Array;
  /** Whether the file has a column phone: a reject has no values of columns that its file lacks. */
  hasPhone: boolean;
}

/** Rows that were rejected because of their e-mail, by their code. */
export interface Repeated {
  inFile: number;
  inCustomers: number;
}

/**
 * Copies rows straight into the table. One whose e-mail is there already fails them all (SQLSTATE 23505). Returns how many
 * went in.
 */
export async function copyCustomers(client: Client, copy: Uint8Array): Promise<number> {
  return await copyIn(client, `copy customers (${CUSTOMER_COPY_COLUMNS}) from stdin (format binary)`, copy);
}

/** Copies rows into the staging table of their kind. */
export async function stageCustomers(client: Client, kind: RowKind, copy: Uint8Array): Promise<void> {
  await copyIn(client, `copy staged_${kind} from stdin (format binary)`, copy);
}

/**
 * Moves staged rows whose e-mail is in the table already to job_errors, each with the place of the row that has it.
 * The others stay, as unclaimed. Returns how many stayed, and how many were moved.
 */
export async function rejectClaimed(
  client: Client,
  kind: RowKind,
  { firstRow, lines, hasPhone }: Places,
): Promise<{ unclaimed: number; rejected: Repeated }> {
  const { rows } = await client.query<Repeated & { unclaimed: number }>(
    `with looked_up as materialized (
       select s.*, c.id as winner, c.job_id as winner_job, c.row_number as winner_row
       from staged_${kind} s left join lateral (
         select id, job_id, row_number from customers c where ${keyOf('c.email')} = ${keyOf('s.email')} limit 1
       ) c on true
     ), rejected as (
       ${REJECT('looked_up where winner is not null')}
     ), stayed as (
       insert into unclaimed_${kind}
       select id, job_id, row_number, name, email, phone, company from looked_up where winner is null
     )
     select count(*) filter (where winner is null) as unclaimed,
       count(*) filter (where winner is not null and ${IN_FILE}) as "inFile",
       count(*) filter (where winner is not null and ${IN_FILE} is not true) as "inCustomers"
     from looked_up`,
    [binary(lines), firstRow, hasPhone],
  );
  const { unclaimed, ...rejected } = rows[0]!;
  return { unclaimed, rejected };
}

/**
 * Puts the unclaimed rows in, in the order of the file, and moves those that lose, to each other or to a row that
 * came meanwhile, to job_errors. Returns how many went in and how many were moved.
 */
export async function insertUnclaimed(
  client: Client,
  kind: RowKind,
  unclaimed: number,
  { firstRow, lines, hasPhone }: Places,
): Promise<{ inserted: number; rejected: Repeated }> {
  const { rowCount } = await client.query(
    `insert into customers (${CUSTOMER_COPY_COLUMNS})
     select * from unclaimed_${kind} order by row_number on conflict (${keyOf('email')}) do nothing`,
  );
  const inserted = rowCount ?? 0;
  if (inserted === unclaimed) return { inserted, rejected: { inFile: 0, inCustomers: 0 } };
  // A second statement: the rows that the first one put in are visible only now.
  const { rows } = await client.query<Repeated>(
    `with lost as materialized (
       select u.*, c.job_id as winner_job, c.row_number as winner_row
       from unclaimed_${kind} u cross join lateral (
         select id, job_id, row_number from customers c where ${keyOf('c.email')} = ${keyOf('u.email')} limit 1
       ) c where c.id <> u.id
     ), rejected as (
       ${REJECT('lost')}
     )
     select count(*) filter (where ${IN_FILE}) as "inFile",
       count(*) filter (where ${IN_FILE} is not true) as "inCustomers"
     from lost`,
    [binary(lines), firstRow, hasPhone],
  );
  return { inserted, rejected: rows[0]! };
}

/** Whether the row that has the e-mail is of the same file; null where its job is not known any more. */
const IN_FILE = 'winner_job = job_id';

/** Rejects rows with their winner; parameters: the lines of the batch, the row number of the first of them, hasPhone. */
const REJECT = (from: string) => `
  insert into job_errors (job_id, row_number, line, column_name, code, message, row)
  select job_id, row_number, ($1::bigint[])[row_number - $2::bigint + 1], 'email',
    case when ${IN_FILE} then 'duplicate_in_file' else 'already_in_customers' end,
    case when ${IN_FILE} then 'duplicate of row ' || winner_row else 'already in customers' end,
    jsonb_build_object('name', name, 'email', email, 'company', company)
      || case when $3::boolean then jsonb_build_object('phone', coalesce(phone, '')) else '{}' end
  from ${from}`;

/** pg sends a Buffer, and only that, in binary form. */
function binary({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
