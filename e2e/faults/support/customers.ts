/** The customers table, as scenarios load it. */
import type { LoadedTable } from './loadedTable.js';

/** `known` are e-mails. */
export const CUSTOMERS: LoadedTable = {
  name: 'customers',
  into: undefined,
  prepare: async (pool, known) => {
    await pool.query(
      `with earlier as (
         insert into jobs (id, filename, size_bytes, sha256, status) values (gen_random_uuid(), 'earlier', 0, repeat('0', 64), 'completed')
         returning id
       )
       insert into customers (job_id, name, email, company) select id, 'n', unnest($1::text[]), 'c' from earlier`,
      [known],
    );
  },
  empty: async (pool) => {
    await pool.query('truncate customers');
  },
  rowsOf: async (pool, { jobId }) => {
    const { rows } = await pool.query({
      text: `select row_number, name, email, phone, company from customers where job_id = $1 order by row_number`,
      values: [jobId],
      rowMode: 'array',
    });
    return rows as unknown as [number, ...(string | null)[]][];
  },
};
