/**
 * Uploads for a customers table with an added column: what the job stores, the table's description, and the
 * report.
 */
import { paths, specSchema, uploadedSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countRejects, form, type Harness, startHarness, upload } from '../harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
  await harness.pool.query('alter table customers add country text');
});
afterAll(() => harness.stop());

const CSV = 'name,email,company,country\nAnn,ann@x.example,Acme,DE\n';

async function uploaded(csv: string, spec?: object) {
  const body = form(csv);
  if (spec) body.set('spec', JSON.stringify(spec));
  const response = await upload(harness, body);
  expect(response.status).toBe(202);
  const { jobId } = uploadedSchema.parse(await response.json());
  const { rows } = await harness.pool.query('select target_table, target, spec from jobs where id = $1', [
    jobId,
  ]);
  return { jobId, row: rows[0] };
}

it('a job keeps the table as found at its upload, and is still a customers job', async () => {
  const { row } = await uploaded(CSV);
  expect(row.target_table).toBe('customers');
  expect(row.target.columns.map(({ name }: { name: string }) => name)).toContain('country');
});

it('the table’s description lists the loadable columns, and its spec changes nothing', async () => {
  const answer = await (await fetch(harness.url + paths.table('customers'))).json();
  const { columns, spec } = answer as { columns: { name: string }[]; spec: object };
  expect(columns.map(({ name }) => name)).toEqual(['name', 'email', 'phone', 'company', 'country']);
  expect(spec).toEqual({
    schema: {
      fields: [
        { name: 'name', type: 'string', constraints: { required: true } },
        { name: 'email', type: 'string', format: 'email', constraints: { required: true } },
        { name: 'phone', type: 'string' },
        { name: 'company', type: 'string', constraints: { required: true } },
        { name: 'country', type: 'string' },
      ],
    },
    csvjobs: { into: 'customers' },
  });
  const { row } = await uploaded(CSV, spec);
  expect(row.spec).toEqual(JSON.parse(JSON.stringify(specSchema.parse(spec))));
});

it('the report has the columns of the reference, followed by the others that the file fills', async () => {
  const reject = async (id: string, row: object) => {
    await harness.pool.query(
      `insert into job_errors (job_id, row_number, line, code, message, row)
       values ($1, 1, 2, 'required', 'name is required', $2)`,
      [id, row],
    );
    await countRejects(harness.pool, id);
  };
  const header = async (id: string) =>
    (await (await fetch(harness.url + paths.report(id, 'csv'))).text())
      .split(/\r?\n/)[0]!
      .replace('\ufeff', '');
  const { jobId } = await uploaded(CSV);
  await reject(jobId, { name: '', email: 'a@x.example', company: 'A', country: 'DE' });
  expect(await header(jobId)).toBe('rowNumber,name,email,phone,company,country,error');
  const plain = await uploaded('name,email,company\n,ann@x.example,Acme\n');
  await reject(plain.jobId, { name: '', email: 'a@x.example', company: 'A' });
  expect(await header(plain.jobId)).toBe('rowNumber,name,email,phone,company,error');
});
