import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type EmailKey, emailKey } from '../../src/pipeline/batch/emailKey.js';
import { type MetEmailsOptions, openMetEmails } from '../../src/pipeline/metEmails.js';
import { skipWithout } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { NO_MOUNTS, smallDisk } from '../support/smallDisk.js';

let folder: string;
let logPath: string;
let database: TestDatabase;
let logs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-emails-'));
  database = await createDatabase();
  await database.pool.query(`insert into jobs (id, filename, size_bytes, sha256)
    values ('00000000-0000-4000-8000-000000000001', 'f.csv', 0, '')`);
  await database.pool.query(`insert into customers (job_id, row_number, name, email, company)
    select '00000000-0000-4000-8000-000000000001', n, 'n', 'Known' || n || '@x.org', 'c' from generate_series(1, 300) n`);
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  logPath = join(folder, `${logs++}.emails`);
  failures = [];
});

/** Why logs were abandoned, since the test began. */
let failures: Error[];

const open = (more: Partial<MetEmailsOptions> = {}) =>
  openMetEmails({
    whileOpening: (work) => work(),
    logPath,
    records: 0,
    expected: 200_000,
    table: undefined,
    logFailed: (error) => failures.push(error),
    ...more,
  });

function key(email: string): EmailKey {
  const found = { hash: 0, otherHash: 0, order: 0 };
  emailKey(Buffer.from(email), 0, email.length, found);
  return found;
}

/** How many of the first e-mails of a kind were known; asking adds them, to the records from `from` on. */
const met = (
  emails: { add(key: EmailKey, row: number): boolean },
  name: string,
  count: number,
  from: number,
) =>
  Array.from({ length: count }, (_, index) =>
    emails.add(key(`${name}${index + 1}@x.org`), from + index),
  ).filter((maybe) => maybe).length;

/** At its full size the filter has some 0.2 % false positives; here it is far from full. */
const FEW = 20;

it('contains the table’s e-mails, and those added since; nothing else', async () => {
  const emails = await open({ table: database.connection });
  expect(met(emails, 'known', 300, 1)).toBe(300);
  expect(met(emails, 'new', 1_000, 301)).toBeLessThan(FEW);
  expect(met(emails, 'new', 1_000, 1_301)).toBe(1_000);
});

it('the next run reads the log, of more records than one write holds, and queries no table', async () => {
  const first = await open({ table: database.connection });
  met(first, 'new', 150_000, 1);
  first.keep(150_000);
  const nowhere = { ...database.connection, host: join(folder, 'nowhere') };
  const second = await open({ records: 150_000, table: nowhere });
  expect(met(second, 'new', 150_000, 150_001)).toBe(150_000);
  expect(met(second, 'known', 300, 300_001)).toBe(300);
  expect(met(second, 'other', 1_000, 300_301)).toBeLessThan(FEW);
});

it('e-mails read ahead but not loaded are unknown: their records come again', async () => {
  const first = await open();
  met(first, 'loaded', 100, 1);
  met(first, 'ahead', 1_000, 101);
  first.keep(1_100);
  const second = await open({ records: 100 });
  expect(met(second, 'ahead', 1_000, 101)).toBeLessThan(FEW);
  expect(met(second, 'loaded', 100, 1_101)).toBe(100);
});

it('records without a valid e-mail count, even at the end', async () => {
  const first = await open();
  first.add(key('one@x.org'), 3);
  first.keep(10);
  expect((await stat(logPath)).size).toBe(11 * 8);
  const table = { ...database.connection, host: join(folder, 'nowhere') };
  const second = await open({ records: 10, table });
  expect(second.add(key('one@x.org'), 11)).toBe(true);
});

it.each([
  ['is truncated', () => truncate(logPath, 600)],
  ['is empty', () => truncate(logPath, 0)],
  ['is another file', () => writeFile(logPath, Buffer.alloc(4_000))],
  ['is gone', () => rm(logPath)],
])('a log that %s is rebuilt from the table', async (_what, damage) => {
  const first = await open();
  met(first, 'new', 200, 1);
  first.keep(200);
  await damage();
  const second = await open({ records: 200, table: database.connection });
  expect(met(second, 'known', 300, 201)).toBe(300);
  second.keep(500);
  const third = await open({ records: 500 });
  expect(met(third, 'known', 300, 501)).toBe(300);
});

it('works without a log if none can be created, and logs why once', async () => {
  const emails = await open({ logPath: join(folder, 'no', 'folder'), table: database.connection });
  expect(met(emails, 'known', 300, 1)).toBe(300);
  emails.keep(300);
  emails.keep(400);
  await expect(readFile(join(folder, 'no', 'folder'))).rejects.toThrow('ENOENT');
  expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('ENOENT')]);
});

it('nothing is logged about a log that is intact, or left in pieces by another run', async () => {
  met(await open(), 'new', 200, 1);
  await writeFile(logPath, Buffer.alloc(100));
  met(await open({ records: 200 }), 'new', 200, 1);
  expect(failures).toEqual([]);
});

it('a full disk ends the log, which is logged once: known e-mails stay known, and the next run rebuilds it', async (context) => {
  const disk = smallDisk(8_192);
  if (!disk) return skipWithout(context, NO_MOUNTS);
  try {
    logPath = join(disk.folder, 'emails');
    const emails = await open();
    // 12,000 bytes of log, on a disk that accepts the first 8,192.
    for (const from of [1, 501, 1_001]) {
      met(emails, `some${from}-`, 500, from);
      emails.keep(from + 499);
    }
    emails.keep(2_000);
    expect(failures.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['ENOSPC']);
    expect(met(emails, 'some1001-', 500, 2_001)).toBe(500);
    // Half a log does not count.
    failures = [];
    const next = await open({ records: 1_500, table: database.connection });
    expect(met(next, 'known', 300, 1_501)).toBe(300);
  } finally {
    disk.remove();
  }
});
