/** Rows of job_errors in binary form: PostgreSQL stores exactly what was written, read back as the report reads it. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PayloadMemory } from '../../../src/pipeline/batch/memory.js';
import { ReportRows, textFields } from '../../../src/pipeline/batch/reportRows.js';
import { loadRejections } from '../../../src/sql/jobErrors.js';
import { connect } from '../../../src/sql/pool.js';
import { makeJob } from '../../http/harness.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { OPTIONS, reportRows } from '../support/run.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Text with everything that JSON escapes, at any position in a word of four bytes. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\\', '"', '\t', '\n', '\r', '\b', '\u0001', '\u001f', '\u007f', '/', 'a', ' '),
    fc.constantFrom('é', '☎', '😀'),
  ),
  maxLength: 30,
});
const number = fc.oneof(fc.nat(), fc.nat({ max: Number.MAX_SAFE_INTEGER }));
const reject = fc.record({
  line: number,
  column: fc.option(text),
  code: text,
  message: text,
  value: text,
  before: fc.nat(5),
  reasons: fc.option(fc.array(text, { maxLength: 2 })),
  original: fc.uint8Array({ maxLength: 60 }),
});

it('has what was written, whatever it is', async () => {
  const client = await connect(database.connection, 'test');
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(reject, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (rejects, piecewise) => {
          const { id } = await makeJob(database.pool);
          const rows = new ReportRows(id);
          const memory = new PayloadMemory();
          const pieces: Uint8Array[] = [];
          for (const [
            at,
            { line, column, code, message, value, before, reasons, original },
          ] of rejects.entries()) {
            rows.begin(at + 1, line);
            rows.text(column);
            rows.copied(textFields([code, message]));
            rows.beginJson();
            rows.ascii(Buffer.from('{"a":"'));
            const bytes = Buffer.from(`${'"'.repeat(before)}${value}"`);
            rows.jsonText(bytes, before, bytes.length - 1);
            rows.ascii(Buffer.from('"}'));
            rows.endJson();
            rows.json(reasons && JSON.stringify(reasons));
            rows.bytea(Buffer.from([0, ...original, 0]), 1, original.length + 1);
            rows.end();
            if (piecewise) pieces.push(rows.take(memory).copy);
          }
          const whole = rows.take(memory).copy;
          const stored = await loadRejections(client, piecewise ? each(pieces) : whole);
          expect(stored).toBe(rejects.length);
          const { rows: found } = await client.query(
            'select line, column_name, code, message, row, reasons, original from job_errors where job_id = $1 order by row_number',
            [id],
          );
          expect(found).toEqual(
            rejects.map(({ line, column, code, message, value, reasons, original }) => ({
              ...{ line, column_name: column, code, message, row: { a: value }, reasons },
              original: Buffer.from(original),
            })),
          );
        },
      ),
      { numRuns: 100 },
    );
  } finally {
    await client.end();
  }
});

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  yield* pieces;
}

it('loses nothing while it grows, and returns its own memory', () => {
  const rows = new ReportRows(OPTIONS.jobId);
  const long = 'ü"\\'.repeat(50_000);
  const bytes = Buffer.from(long);
  const add = (at: number) => {
    rows.begin(at, at + 1);
    for (const value of ['a', 'b', long]) rows.text(value);
    rows.beginJson();
    rows.ascii(Buffer.from('{"a":"'));
    rows.jsonText(bytes, 0, bytes.length);
    rows.ascii(Buffer.from('"}'));
    rows.endJson();
    rows.json(JSON.stringify([long]));
    rows.bytea(bytes, 0, bytes.length);
    rows.end();
  };
  add(1);
  add(2);
  const first = rows.take(new PayloadMemory());
  add(3);
  const second = rows.take(new PayloadMemory());
  expect([first.count, second.count]).toEqual([2, 1]);
  expect(first.copy.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect([first, second].flatMap(({ copy }) => reportRows(copy))).toEqual(
    [1, 2, 3].map((at) => ({
      ...{ jobId: OPTIONS.jobId.replaceAll('-', ''), rowNumber: at, line: at + 1 },
      ...{ column: 'a', code: 'b', message: long, row: { a: long }, reasons: [long], original: bytes },
    })),
  );
});
