/** errors.json and errors.ndjson: every rejected record in full, across any number of pages. */
import { type Rejection, rejectionSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countRejects, type Harness, makeJob, problemFrom, startHarness } from '../harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

async function jobWith(rejects: number): Promise<{ id: string; expected: Rejection[] }> {
  const { id } = await makeJob(harness.pool, { status: 'completed' });
  const expected = Array.from(
    { length: rejects },
    (_, index): Rejection => ({
      rowNumber: index + 1,
      line: index + 2,
      column: index % 2 === 0 ? 'email' : null,
      code: 'email_invalid',
      message: `row ${index}: "quoted", \u2028 and more`,
      row: { name: '=1+1', email: 'a\nb' },
    }),
  );
  await harness.pool.query(
    `insert into job_errors select $1, r."rowNumber", r.line, r."column", r.code, r.message, r.row
     from jsonb_to_recordset($2::jsonb)
       as r("rowNumber" bigint, line bigint, "column" text, code text, message text, row jsonb)`,
    [id, JSON.stringify(expected)],
  );
  await countRejects(harness.pool, id);
  return { id, expected };
}

it.each([0, 1, 1_000, 2_345])('%i rejects', async (rejects) => {
  const { id, expected } = await jobWith(rejects);
  const json = await fetch(`${harness.url}/api/jobs/${id}/errors.json`);
  expect(json.headers.get('content-type')).toMatch(/^application\/json/);
  expect(json.headers.get('content-disposition')).toBe('attachment; filename="customers-errors.json"');
  expect(await json.json()).toEqual(expected);
  const ndjson = await fetch(`${harness.url}/api/jobs/${id}/errors.ndjson`);
  expect(ndjson.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
  const lines = (await ndjson.text()).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => rejectionSchema.parse(JSON.parse(line)))).toEqual(expected);
});

it('no such job', async () => {
  const answer = await fetch(`${harness.url}/api/jobs/00000000-0000-4000-8000-000000000000/errors.ndjson`);
  expect((await problemFrom(answer)).code).toBe('job_not_found');
});
