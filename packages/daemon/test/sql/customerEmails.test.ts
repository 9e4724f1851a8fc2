import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { customerEmails } from '../../src/sql/customerEmails.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

async function allEmails(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of customerEmails(db.connection)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a table without pages, as VACUUM leaves it after a rollback, has none, and no query outlives the connection', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  expect(await allEmails()).toBe('');
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});

test('a table with rows: one e-mail per line', async () => {
  await db.plain(
    `insert into customers (name, email, company) select 'Ann', 'a' || n || '@b.co', 'Acme' from generate_series(1, 3) n`,
  );
  expect(await allEmails()).toBe('a1@b.co\na2@b.co\na3@b.co\n');
});
