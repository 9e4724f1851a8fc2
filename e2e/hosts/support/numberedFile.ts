/** Files of customers with numbered records, so that files of any size are checked with two sums. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Pool } from '../../../packages/daemon/src/sql/pool.js';

export interface NumberedFile {
  /** Its e-mails are unique. */
  tag: string;
  records: number;
  bytes: Buffer;
}

/** Of every hundred records one has no address, and one repeats the e-mail of the previous record. */
type Kind = 'good' | 'invalid' | 'repeated';
const kindOf = (row: number): Kind => (row % 100 === 7 ? 'invalid' : row % 100 === 57 ? 'repeated' : 'good');

export function emailIn(tag: string, row: number): string {
  return kindOf(row) === 'repeated' ? `user${row - 1}@${tag}.test` : `user${row}@${tag}.test`;
}

export function numberedFile(tag: string, records: number): NumberedFile {
  const lines = ['name,email,phone,company'];
  for (let row = 1; row <= records; row++) {
    const email = kindOf(row) === 'invalid' ? `user${row}` : emailIn(tag, row);
    lines.push(`Name ${row},${email},,Company ${row % 97}`);
  }
  return { tag, records, bytes: Buffer.from(`${lines.join('\n')}\n`) };
}

/** Expects the result of an undisturbed job for the file: all counts, rows and rejects. */
export async function expectLoaded(pool: Pool, id: string, { tag, records }: NumberedFile): Promise<void> {
  const [rows, rejects] = [createHash('md5'), createHash('md5')];
  let [good, bad] = [0, 0];
  for (let row = 1; row <= records; row++) {
    const kind = kindOf(row);
    if (kind === 'good') {
      good++;
      rows.update(`${row}|Name ${row}|${emailIn(tag, row)}|Company ${row % 97}\n`);
    } else {
      bad++;
      const message = kind === 'invalid' ? 'email is not a valid address' : `duplicate of row ${row - 1}`;
      rejects.update(`${row}|${row + 1}|${message}\n`);
    }
  }
  const { rows: found } = await pool.query(
    `select status, total_rows as total, processed_rows as processed, success_count as good, failed_count as bad,
       (select md5(string_agg(concat_ws('|', row_number, name, email, company) || chr(10), '' order by row_number))
        from customers where job_id = jobs.id) as rows,
       (select md5(string_agg(concat_ws('|', row_number, line, message) || chr(10), '' order by row_number))
        from job_errors where job_id = jobs.id) as rejects
     from jobs where id = $1`,
    [id],
  );
  expect(found[0]).toEqual({
    status: 'completed',
    total: records,
    processed: records,
    ...{ good, bad, rows: rows.digest('hex'), rejects: rejects.digest('hex') },
  });
}
