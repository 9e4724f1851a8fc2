/** The reference design in a process of its own; the task is its argument, the result its output, both JSON. */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import csv from 'csv-parser';
import pg from 'pg';
import { z } from 'zod';

const ROWS_PER_INSERT = 100;

const customer = z.object({
  name: z.string().trim().min(1),
  email: z.string().trim().email(),
  phone: z.string().trim().optional(),
  company: z.string().trim().min(1),
});

const { connection, file } = JSON.parse(process.argv[2]);
const client = new pg.Client(connection);
await client.connect();
const started = performance.now();
const jobId = randomUUID();
await client.query('insert into jobs (id, filename, size_bytes, sha256) values ($1, $2, 0, $3)', [
  jobId,
  'reference',
  '',
]);

let rowNumber = 0;
let good = [];
let bad = [];
for await (const record of createReadStream(file).pipe(csv())) {
  rowNumber++;
  const result = customer.safeParse(record);
  if (result.success) good.push({ rowNumber, ...result.data });
  else bad.push({ rowNumber, message: result.error.issues[0].message, record });
  if (good.length + bad.length >= ROWS_PER_INSERT) await flush();
}
await flush();
await client.end();
process.stdout.write(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));

async function flush() {
  const records = good.length + bad.length;
  if (records === 0) return;
  if (good.length > 0) {
    const values = good.flatMap((row) => [
      jobId,
      row.rowNumber,
      row.name,
      row.email,
      row.phone ?? null,
      row.company,
    ]);
    const { rows } = await client.query(
      `insert into customers (job_id, row_number, name, email, phone, company) values ${groups(good.length, 6)}
       on conflict (csvjobs_email_key(email) collate "C") do nothing returning row_number`,
      values,
    );
    if (rows.length < good.length) {
      const loaded = new Set(rows.map((row) => Number(row.row_number)));
      for (const row of good)
        if (!loaded.has(row.rowNumber))
          bad.push({ rowNumber: row.rowNumber, message: 'duplicate', record: row });
    }
  }
  if (bad.length > 0) {
    const values = bad.flatMap((row) => [
      jobId,
      row.rowNumber,
      row.rowNumber + 1,
      'invalid',
      row.message,
      JSON.stringify(row.record),
    ]);
    await client.query(
      `insert into job_errors (job_id, row_number, line, code, message, row) values ${groups(bad.length, 6)}`,
      values,
    );
  }
  await client.query(
    `update jobs set processed_rows = processed_rows + $2 + $3, success_count = success_count + $2,
       failed_count = failed_count + $3
     where id = $1`,
    [jobId, records - bad.length, bad.length],
  );
  good = [];
  bad = [];
}

function groups(count, width) {
  return Array.from(
    { length: count },
    (_, row) => `(${Array.from({ length: width }, (_, column) => `$${row * width + column + 1}`).join(',')})`,
  ).join(',');
}
