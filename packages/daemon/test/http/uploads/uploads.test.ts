import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { paths, uploadedSchema, VERSION_HEADER } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { findJob } from '../../../src/sql/jobs.js';
import { createPool } from '../../../src/sql/pool.js';
import { openFolderStore } from '../../../src/storage/folder/folderStore.js';
import type { Store } from '../../../src/storage/store.js';
import { inShortIf, LONG } from '../../support/form.js';
import { startPostgres } from '../../support/servers.js';
import { CSV, form, type Harness, problemFrom, RawClient, startHarness, upload } from '../harness.js';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
});

afterAll(async () => {
  await harness.stop();
});

afterEach(async () => {
  await harness.pool.query('delete from jobs');
});

/** No row, no queued job, and no new file. */
async function nothingLeft(before: string[]): Promise<void> {
  expect(await harness.jobs()).toBe(0);
  await vi.waitFor(async () => expect(await harness.files()).toEqual(before));
}

test('an upload becomes a job with its file, and is queued', async () => {
  const response = await upload(harness);
  expect(response.status).toBe(202);
  const { jobId } = uploadedSchema.parse(await response.json());
  expect(response.headers.get('location')).toBe(paths.job(jobId));
  expect(response.headers.get(VERSION_HEADER)).toBe('1.2.3');
  expect(harness.queued).toContain(jobId);
  expect(await harness.files()).toContain(jobId);
  expect(await findJob(harness.pool, jobId)).toMatchObject({
    id: jobId,
    filename: 'customers.csv',
    status: 'pending',
    sizeBytes: CSV.length,
    sha256: createHash('sha256').update(CSV).digest('hex'),
  });
});

test.each([
  ['../../etc/pass\u0007wd.csv', 'passwd.csv'],
  ['C:\\data\\Kunden Übersicht – 顧客.csv', 'Kunden Übersicht – 顧客.csv'],
  ['\u001b[31mred\u202egnp.csv', '[31mredgnp.csv'],
])('the name %j is kept as %j', async (given, kept) => {
  const response = await upload(harness, form(CSV, given));
  const { jobId } = uploadedSchema.parse(await response.json());
  expect((await findJob(harness.pool, jobId))?.filename).toBe(kept);
});

/** The name of the only job. */
async function keptName(): Promise<string> {
  const { rows } = await harness.pool.query<{ filename: string }>('select filename from jobs');
  expect(rows).toHaveLength(1);
  return rows[0]!.filename;
}

// The only characters that a form escapes (docs: formFilename). The same bytes represent a real name with %22
// in it.
test.each([
  ['quote".csv', 'quote".csv'],
  ['two""quotes.csv', 'two""quotes.csv'],
  ['a\r\nb.csv', 'ab.csv'],
  ['50%.csv', '50%.csv'],
  ['50%25.csv', '50%25.csv'],
  ['a%0a%0d%2C.csv', 'a%0a%0d%2C.csv'],
  ['really%22so.csv', 'really"so.csv'],
])('fetch sends the name %j, and it is kept as %j', async (given, kept) => {
  expect((await upload(harness, form(CSV, given))).status).toBe(202);
  expect(await keptName()).toBe(kept);
});

test.each([
  ['quote".csv', 'quote".csv'],
  ['back\\slash.csv', 'slash.csv'],
  ['50%25.csv', '50%25.csv'],
  ['really%22so.csv', 'really"so.csv'],
])('curl sends the name %j, and it is kept as %j', async (given, kept) => {
  const quoted = given.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  const args = ['-sS', '-F', `file=@-;filename="${quoted}"`, `${harness.url}${paths.upload}`];
  const curl = promisify(execFile)('curl', args);
  curl.child.stdin!.end(CSV);
  expect(uploadedSchema.parse(JSON.parse((await curl).stdout))).toBeTruthy();
  expect(await keptName()).toBe(kept);
});

test('a name in which older clients escape a quote with a backslash (curl before 7.81) is kept', async () => {
  const client = new RawClient(harness.port);
  const body = `--b\r\nContent-Disposition: form-data; name="file"; filename="quote\\".csv"\r\n\r\n${CSV}\r\n--b--\r\n`;
  const [head] = rawUpload('', Buffer.byteLength(body)).split('\r\n\r\n');
  client.socket.write(`${head}\r\n\r\n${body}`);
  await client.see('HTTP/1.1 202 Accepted');
  client.socket.destroy();
  expect(await keptName()).toBe('quote".csv');
});

test('the user’s settings for the file are stored for the reader', async () => {
  const response = await upload(
    harness,
    form(CSV.replaceAll(',', '\t')),
    {},
    '?delimiter=tab&encoding=windows-1252',
  );
  const { jobId } = uploadedSchema.parse(await response.json());
  const { rows } = await harness.pool.query('select overrides from jobs where id = $1', [jobId]);
  expect(rows[0].overrides).toEqual({ delimiter: '\t', encoding: 'windows-1252' });
  expect(await problemFrom(await upload(harness, form(), {}, '?delimiter=ab'))).toMatchObject({
    code: 'bad_request',
    detail: expect.stringContaining('"ab"'),
  });
});

test('other form fields are ignored', async () => {
  const body = new FormData();
  body.append('comment', 'hello');
  body.append('file', new Blob([CSV]), 'a.csv');
  body.append('more', 'x'.repeat(100_000));
  expect((await upload(harness, body)).status).toBe(202);
});

const twoFiles = form();
twoFiles.append('file', new Blob([CSV]), 'second.csv');
const textField = new FormData();
textField.append('file', CSV);

test.each([
  ['a wrong field name', form(CSV, 'a.csv', 'upload'), 'field_name_wrong', /"upload".*"file"/],
  ['a wrong field name on a large file', form('x'.repeat(900_000), 'a', 'csv'), 'field_name_wrong', /"csv"/],
  ['two files', twoFiles, 'several_files', /request of its own/],
  ['no file', new FormData(), 'file_field_missing', /has no file/],
  ['text in place of the file', textField, 'file_field_missing', /with the @/],
  ['an empty file', form('', 'void.csv'), 'file_empty', /^the file has no bytes/],
  ['a ZIP', form('PK\u0003\u0004 and more'), 'file_not_text', /ZIP/],
  ['a header without a column', form('name\nAda\n'), 'header_invalid', /email/],
  ['another fault of the file', form(Buffer.from('28b52ffd11', 'hex')), 'file_invalid', /zstd/],
  ['a file over the limit', form('x'.repeat(1_000_001)), 'file_too_large', /1000000 bytes.*MAX_UPLOAD_BYTES/],
] as const)('%s is refused and leaves nothing', async (_, body, code, detail) => {
  const before = await harness.files();
  const problem = await problemFrom(await upload(harness, body));
  expect(problem.code).toBe(code);
  expect(problem.detail).toMatch(detail);
  await nothingLeft(before);
});

test.each([
  ['another type', 'text/csv', 'not_multipart', /"text\/csv".*curl -F/],
  ['a type without a boundary', 'multipart/form-data', 'bad_request', /boundary/],
] as const)('%s is refused', async (_, type, code, detail) => {
  const headers = { 'Content-Type': type };
  const response = await fetch(`${harness.url}${paths.upload}`, { method: 'POST', body: CSV, headers });
  const problem = await problemFrom(response);
  expect(problem.code).toBe(code);
  expect(problem.detail).toMatch(detail);
});

/** The bytes of an upload, as a client sends them; `length` is the Content-Length. */
function rawUpload(content: string, length: number, more = ''): string {
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
  return `POST ${paths.upload} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n${more}Content-Length: ${length}\r\n\r\n${part}${content}`;
}

test('a body that ends before its closing boundary is refused and leaves nothing', async () => {
  const before = await harness.files();
  const client = new RawClient(harness.port);
  const body = rawUpload(CSV, 0).split('\r\n\r\n').slice(1).join('\r\n\r\n');
  client.socket.write(rawUpload(CSV, Buffer.byteLength(body)));
  await client.see(/400 Bad Request[\s\S]*upload_truncated/);
  client.socket.destroy();
  await nothingLeft(before);
});

test.each([1, 30])('a client that disconnects after %i bytes of the file leaves nothing', async (bytes) => {
  const before = await harness.files();
  const client = new RawClient(harness.port);
  client.socket.write(rawUpload(CSV.slice(0, bytes), 100_000));
  await vi.waitFor(async () => expect((await harness.files()).length).toBe(before.length + 1));
  client.socket.destroy();
  await nothingLeft(before);
});

test('a stalled upload is refused and ended, and others continue meanwhile', LONG, async () => {
  const impatient = await startHarness({ server: { uploadIdleMs: 2_000 } });
  try {
    const silent = Array.from({ length: 50 }, () => new RawClient(impatient.port));
    for (const client of silent) client.socket.write(rawUpload('name', 100_000));
    expect((await upload(impatient)).status).toBe(202);
    for (const client of silent) {
      await client.see(/408 Request Timeout[\s\S]*problem\+json[\s\S]*"code":"request_timeout"/);
      expect(client.text).toContain('UPLOAD_IDLE_TIMEOUT');
      await client.end();
    }
    await vi.waitFor(async () => expect(await impatient.files()).toHaveLength(1));
  } finally {
    await impatient.stop();
  }
});

// In the short form http/limits.test.ts has a slow one that is not ended.
test(
  'an upload that is slow but never silent succeeds, however long it takes',
  inShortIf(false),
  async () => {
    const impatient = await startHarness({ server: { uploadIdleMs: 3_000, headersMs: 3_000 } });
    try {
      const client = new RawClient(impatient.port);
      const ending = '\r\n--b--\r\n';
      const [, ...rest] = rawUpload(CSV, 0).split('\r\n\r\n');
      const bytes = rawUpload(CSV, rest.join('\r\n\r\n').length + ending.length) + ending;
      const body = bytes.indexOf('--b');
      client.socket.write(bytes.slice(0, body));
      // Eight pauses, together twice the limits on silence and on the head, and each short enough for a busy
      // machine.
      for (let piece = 0; piece < 8; piece++) {
        await new Promise((resolve) => setTimeout(resolve, 800));
        const size = Math.ceil((bytes.length - body) / 8);
        client.socket.write(bytes.slice(body + piece * size, body + (piece + 1) * size));
      }
      await client.see('202 Accepted');
      client.socket.destroy();
    } finally {
      await impatient.stop();
    }
  },
);

test('a file over the limit is answered while its body is still arriving, and the connection is closed after it', async () => {
  const before = await harness.files();
  const client = new RawClient(harness.port);
  client.socket.write(rawUpload('x'.repeat(1_000_001), 1_500_000));
  await client.see(/413 Payload Too Large[\s\S]*Connection: close[\s\S]*file_too_large/i);
  expect(client.ended).toBe(false);
  client.socket.write('y'.repeat(100_000));
  await client.end();
  await nothingLeft(before);
});

test('a length over the limit is refused before a byte of the body is sent', async () => {
  const client = new RawClient(harness.port);
  const [head] = rawUpload('', 50_000_000, 'Expect: 100-continue\r\n').split('\r\n\r\n');
  client.socket.write(`${head}\r\n\r\n`);
  await client.see(/413 Payload Too Large/);
  expect(client.text).not.toContain('100 Continue');
  client.socket.destroy();
});

test('a client that waits for 100 Continue gets it', async () => {
  const client = new RawClient(harness.port);
  const body = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${CSV}\r\n--b--\r\n`;
  const [head] = rawUpload('', Buffer.byteLength(body), 'Expect: 100-continue\r\n').split('\r\n\r\n');
  client.socket.write(`${head}\r\n\r\n`);
  await client.see('HTTP/1.1 100 Continue');
  client.socket.write(body);
  await client.see('HTTP/1.1 202 Accepted');
  client.socket.destroy();
});

test('a full disk gives 507 and leaves nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-full-'));
  const real = await openFolderStore(folder);
  const storage: Store = {
    ...real,
    receive: async (id, stream, options) => {
      // The kernel's own ENOSPC, on the uploaded file.
      await symlink('/dev/full', join(folder, 'incoming', `${id}.part`));
      return real.receive(id, stream, options);
    },
  };
  const full = await startHarness({ deps: { storage } });
  try {
    expect(await problemFrom(await upload(full))).toMatchObject({ code: 'disk_full', status: 507 });
    expect(await full.jobs()).toBe(0);
    expect(await readdir(folder, { recursive: true })).toEqual(['incoming']);
  } finally {
    await full.stop();
    await rm(folder, { recursive: true });
  }
});

test('without PostgreSQL an upload gets 503 with Retry-After and leaves nothing', async () => {
  const server = await startPostgres();
  const pool = createPool(server.connection, () => {});
  const away = await startHarness({ deps: { pool } });
  try {
    await server.stop('immediate');
    const response = await upload(away);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await problemFrom(response)).toMatchObject({ code: 'unavailable', status: 503 });
    expect(await away.files()).toEqual([]);
  } finally {
    await away.stop();
    await pool.end();
  }
});

test('if the row cannot be inserted, the file is removed', async () => {
  await harness.pool.query(`alter table jobs add constraint no_bombs check (filename <> 'bomb.csv')`);
  const before = await harness.files();
  expect(await problemFrom(await upload(harness, form(CSV, 'bomb.csv')))).toMatchObject({ code: 'internal' });
  await nothingLeft(before);
  await harness.pool.query('alter table jobs drop constraint no_bombs');
});

test('a row that is inserted but cannot be read is rolled back: an error leaves no job', async () => {
  // Not a JavaScript date; as unreadable as dates were under another DateStyle.
  await harness.pool.query(`alter table jobs alter created_at set default 'infinity'`);
  try {
    const before = await harness.files();
    expect(await problemFrom(await upload(harness))).toMatchObject({ code: 'internal' });
    await nothingLeft(before);
  } finally {
    await harness.pool.query('alter table jobs alter created_at set default now()');
  }
});

test('a backend that dies during the insert loses neither the job nor its file', async () => {
  // The insert waits for the lock; then its backend is terminated, so that the daemon cannot know the
  // outcome.
  const locker = await harness.pool.connect();
  await locker.query('begin');
  await locker.query('lock table jobs in share mode');
  const response = upload(harness);
  try {
    await vi.waitFor(async () => {
      const { rowCount } = await harness.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where query like 'insert into jobs%' and wait_event_type = 'Lock' and datname = current_database()`,
      );
      expect(rowCount).toBe(1);
    });
  } finally {
    await locker.query('rollback');
    locker.release();
  }
  const { jobId } = uploadedSchema.parse(await (await response).json());
  expect(await harness.jobs()).toBe(1);
  expect(await harness.files()).toContain(jobId);
});

test.each([
  ['refuses', () => Promise.reject(new Error('connection is closed'))],
  ['hangs', () => new Promise<void>(() => {})],
] as const)('a queue that %s does not lose the job', async (_, enqueue) => {
  const queueless = await startHarness({ deps: { enqueue }, app: { enqueueMs: 50 } });
  try {
    const response = await upload(queueless);
    expect(response.status).toBe(202);
    const { jobId } = uploadedSchema.parse(await response.json());
    expect(await findJob(queueless.pool, jobId)).toMatchObject({ status: 'pending' });
    expect(queueless.logged()).toContainEqual(expect.objectContaining({ level: 'warn', jobId }));
  } finally {
    await queueless.stop();
  }
});

test('the same key and file give the same job, even simultaneously', async () => {
  const before = await harness.files();
  const headers = { 'Idempotency-Key': randomUUID() };
  const responses = await Promise.all([1, 2, 3, 4].map(() => upload(harness, form(), headers)));
  responses.push(await upload(harness, form(), headers));
  expect(responses.map((response) => response.status)).toEqual([202, 202, 202, 202, 202]);
  const ids = new Set(
    await Promise.all(responses.map(async (response) => uploadedSchema.parse(await response.json()).jobId)),
  );
  expect(ids.size).toBe(1);
  const [id] = ids;
  expect(await harness.jobs()).toBe(1);
  expect(harness.queued.filter((each) => each === id)).toHaveLength(1);
  expect((await harness.files()).filter((name) => !before.includes(name))).toEqual([id]);
});

test('the same key for another file is a conflict and leaves the first job alone', async () => {
  const headers = { 'Idempotency-Key': 'nightly import' };
  const { jobId } = uploadedSchema.parse(await (await upload(harness, form(), headers)).json());
  const before = await harness.files();
  const problem = await problemFrom(await upload(harness, form(`${CSV}Bob,bob@x.org,,B\n`), headers));
  expect(problem).toMatchObject({ code: 'idempotency_conflict', detail: expect.stringContaining(jobId) });
  expect(await harness.files()).toEqual(before);
  expect(await harness.jobs()).toBe(1);
});

test('an invalid key is refused', async () => {
  const headers = { 'Idempotency-Key': 'x'.repeat(256) };
  expect(await problemFrom(await upload(harness, form(), headers))).toMatchObject({ code: 'bad_request' });
});
