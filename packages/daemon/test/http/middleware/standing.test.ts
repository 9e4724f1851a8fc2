/** Revoking a token ends its streams, downloads and uploads, in every process. */
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { createdTokenSchema, paths } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Anonymous, createAccess } from '../../../src/access/access.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { CSV, countRejects, type Harness, makeJob, processed, RawClient, startHarness } from '../harness.js';

const ROOT = 'the-token-in-the-environment';
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

let database: TestDatabase;
const harnesses: Harness[] = [];
const stop = new AbortController();

beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  await Promise.all(harnesses.splice(0).map((each) => each.stop()));
  await database.drop();
});

async function start(
  heartbeatMs: number,
  anonymous: Anonymous = 'never',
  tokenChannel?: string,
): Promise<Harness> {
  const { pool } = database;
  const known = anonymous === 'never' ? [{ name: 'API_TOKEN', token: ROOT }] : [];
  const access = createAccess({ pool, known, anonymous });
  const harness = await startHarness({
    app: { heartbeatMs },
    deps: { pool, access },
    ...(tokenChannel && { tokenChannel }),
  });
  harnesses.push(harness);
  return harness;
}

async function makeToken({ url }: Harness, name: string, scope: string, headers = bearer(ROOT)) {
  const response = await fetch(url + paths.tokens, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, scope }),
  });
  expect(response.status).toBe(201);
  return createdTokenSchema.parse(await response.json());
}

async function revoke({ url }: Harness, id: string, token = ROOT): Promise<number> {
  return (await fetch(url + paths.token(id), { method: 'DELETE', headers: bearer(token) })).status;
}

/** A stream, read to its end. */
async function watch(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers, signal: stop.signal });
  expect(response.status).toBe(200);
  const watched = { text: '', ended: false };
  (async () => {
    for await (const chunk of response.body!) watched.text += Buffer.from(chunk).toString();
    watched.ended = true;
  })().catch(() => {});
  await vi.waitFor(() => expect(watched.text).toContain('data: '));
  return watched;
}

const HOUR = 3_600_000;

test.each([
  ['the revoking process, at once', HOUR, 0],
  ['another process, at once', HOUR, 1, 'shared'],
  ['another process without a message from Redis, at its next heartbeat', 100, 1],
])(
  'streams of a revoked token end in %s; those of other tokens continue',
  async (_, heartbeatMs, revoking, shared = '') => {
    const channel = shared && `test:${randomUUID()}`;
    const all = [await start(heartbeatMs, 'never', channel), await start(HOUR, 'never', channel)];
    const [harness] = all as [Harness];
    const { id } = await makeJob(database.pool, processed(10));
    const bad = await makeToken(harness, 'bad', 'read');
    const good = await makeToken(harness, 'good', 'read');
    const streams = [paths.stream(id), paths.allStreams].map((path) => harness.url + path);
    const ending = await Promise.all(streams.map((url) => watch(url, bearer(bad.token))));
    const staying = await Promise.all(
      streams.flatMap((url) => [watch(url, bearer(good.token)), watch(url, bearer(ROOT))]),
    );
    expect(await revoke(all[revoking]!, bad.id)).toBe(200);
    await vi.waitFor(() => expect(ending.map(({ ended }) => ended)).toEqual([true, true]));
    expect(harness.app.openStreams()).toBe(4);
    expect(staying.map(({ ended }) => ended)).toEqual([false, false, false, false]);
    expect((await fetch(streams[0]!, { headers: bearer(bad.token) })).status).toBe(401);
    const told = () => harness.logged().filter(({ caller }) => caller === 'token:bad');
    await vi.waitFor(() => expect(told()).toHaveLength(2));
  },
);

test('a running download is cut off, and an upload leaves nothing', async () => {
  const harness = await start(HOUR);
  const { token, id } = await makeToken(harness, 'bad', 'write');
  const job = await makeJob(database.pool);
  await database.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row)
     select $1, n, n, 'required', repeat('x', 1000), '{}' from generate_series(1, 30000) n`,
    [job.id],
  );
  await countRejects(database.pool, job.id);
  const download = await fetch(harness.url + paths.report(job.id), {
    headers: { ...bearer(token), 'Accept-Encoding': 'identity' },
  });
  expect(download.status).toBe(200);
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
  const upload = new RawClient(harness.port);
  upload.socket.write(
    `POST ${paths.upload} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 10000\r\n\r\n${part}${CSV}`,
  );
  await vi.waitFor(async () => expect(await harness.files()).toHaveLength(1));
  expect(await revoke(harness, id)).toBe(200);
  await expect(buffer(download.body!)).rejects.toThrow();
  await upload.end();
  await vi.waitFor(async () => expect(await harness.files()).toEqual([]));
  expect((await database.pool.query('select from jobs')).rowCount).toBe(1);
});

test('a token that revokes itself gets its response', async () => {
  const harness = await start(HOUR);
  const { token, id } = await makeToken(harness, 'admin', 'admin');
  const stream = await watch(harness.url + paths.stream((await makeJob(database.pool)).id), bearer(token));
  expect(await revoke(harness, id, token)).toBe(200);
  await vi.waitFor(() => expect(stream.ended).toBe(true));
});

test('the first token ends all streams without a token', async () => {
  const harness = await start(HOUR, 'until-first-token');
  const { id } = await makeJob(database.pool, processed(10));
  const stream = await watch(harness.url + paths.stream(id));
  await makeToken(harness, 'first', 'admin', {} as ReturnType<typeof bearer>);
  await vi.waitFor(() => expect(stream.ended).toBe(true));
});
