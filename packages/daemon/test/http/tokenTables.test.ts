/**
 * A token restricted to some tables: which jobs it sees, in every call and in both streams, and what it may
 * load. Most jobs here are for public.customers; one token may access it, the other may not.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  createdTokenSchema,
  type NewToken,
  ORIGINAL,
  paths,
  progressOf,
  REPORT_FORMATS,
  ROW_FORMATS,
  tokenListSchema,
} from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { openTableAccess } from '../../src/access/tables.js';
import { CALLS } from '../../src/http/description/calls.js';
import { findJob } from '../../src/sql/jobs.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import {
  advanceJob,
  form,
  type Harness,
  makeJob,
  problemFrom,
  processed,
  startHarness,
  upload,
} from './harness.js';

const ROOT = 'the-token-in-the-environment';

let database: TestDatabase;
let harness: Harness;
let mine: string;
let other: string;

beforeAll(async () => {
  database = await createDatabase();
  const { pool } = database;
  const known = [{ name: 'API_TOKEN', token: ROOT }];
  harness = await startHarness({
    app: { boardMs: 50, heartbeatMs: 200 },
    deps: { pool, access: createAccess({ pool, known, anonymous: 'never' }) },
  });
  mine = await tokenFor({ scope: 'admin', tables: ['shop.*', 'Public.cust*'] });
  other = await tokenFor({
    scope: 'admin',
    tables: ['shop.*', 'public.jobs', '"Public".*', 'public.customers_2'],
  });
});
beforeEach(() => database.pool.query('truncate jobs cascade'));
afterAll(async () => {
  await harness.stop();
  await database.drop();
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const call = (token: string, method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(harness.url + path, { method, headers: { ...bearer(token), ...headers } });

async function create(body: object, as = ROOT): Promise<Response> {
  return fetch(harness.url + paths.tokens, {
    method: 'POST',
    headers: { ...bearer(as), 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: `t${randomBytes(6).toString('hex')}`, ...body }),
  });
}

async function tokenFor(body: Omit<NewToken, 'name'>): Promise<string> {
  return createdTokenSchema.parse(await (await create(body)).json()).token;
}

/** Reads a stream until `seen`, then closes it. */
async function stream(token: string, path: string, { url } = harness) {
  const stop = new AbortController();
  const response = await fetch(url + path, { headers: bearer(token), signal: stop.signal });
  expect(response.status).toBe(200);
  let text = '';
  (async () => {
    for await (const chunk of response.body!) text += Buffer.from(chunk).toString();
  })().catch(() => {});
  return { text: () => text, stop: () => stop.abort() };
}

test('a token has its patterns in its document and in the list, normalised and without duplicates', async () => {
  const response = await create({ name: 'shop', tables: ['Shop.*', 'shop.**', '"My".x'] });
  const made = createdTokenSchema.parse(await response.json());
  expect(made.tables).toEqual(['shop.*', '"My".x']);
  const all = tokenListSchema.parse(await (await call(ROOT, 'GET', paths.tokens)).json());
  expect(all.find(({ name }) => name === 'shop')?.tables).toEqual(['shop.*', '"My".x']);
  const whole = createdTokenSchema.parse(await (await create({ name: 'whole' })).json());
  expect(whole.tables).toBeNull();
});

test.each([
  [['shop'], 'tables.0: \\"shop\\" names no schema; write schema.table, as in public.shop'],
  [['a.b', 'a b.c'], 'tables.1: \\"a b.c\\" has \\" \\" in a name'],
  [[], 'tables: '],
  [Array(51).fill('a.b'), 'tables: '],
  ['a.b', 'tables: '],
])('a token for %j is refused by name', async (tables, says) => {
  const problem = await problemFrom(await create({ tables }));
  expect(problem).toMatchObject({ code: 'bad_request' });
  expect(JSON.stringify(problem.detail)).toContain(says);
});

test('the first token must be for all tables, or it could not create others', async () => {
  const fresh = await startHarness();
  try {
    const response = await fetch(fresh.url + paths.tokens, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'first', scope: 'admin', tables: ['shop.*'] }),
    });
    expect(await problemFrom(response)).toMatchObject({ code: 'token_conflict' });
  } finally {
    await fresh.stop();
  }
});

describe('a job outside the token’s tables is not found', () => {
  const calls = [
    ['GET', paths.job],
    ['DELETE', paths.job],
    ['POST', paths.cancel],
    ['POST', paths.retry],
    ['POST', paths.accept],
    ['POST', paths.discard],
    ['POST', paths.undo],
    ['POST', paths.load],
    ...ROW_FORMATS.map((format) => ['GET', (id: string) => paths.rows(id, format)] as const),
    ['GET', paths.stream],
    ...([...REPORT_FORMATS, ORIGINAL] as const).map(
      (format) => ['GET', (id: string) => paths.report(id, format)] as const,
    ),
  ] as const;

  test.each(calls.map(([method, path]) => [method, path(':id'), path] as const))(
    '%s %s',
    async (method, _, path) => {
      const { id } = await makeJob(database.pool, { ...processed(100, 'failed'), completed_at: new Date() });
      const absent = randomUUID();
      const seen = await problemFrom(await call(other, method, path(id)));
      const none = await problemFrom(await call(other, method, path(absent)));
      expect(seen).toMatchObject({ status: 404, code: 'job_not_found' });
      // Exactly the same: nothing reveals that it exists.
      const letters = ({ detail, title, type }: typeof seen) => JSON.stringify([detail, title, type]);
      expect(letters(seen).replaceAll(id, absent)).toBe(letters(none));
      if (method === 'GET') expect((await call(other, 'HEAD', path(id))).status).toBe(404);
      expect(await findJob(database.pool, id)).toMatchObject({ status: 'failed' });

      const allowed = await call(mine, method, path(id));
      expect(allowed.status).not.toBe(404);
      await allowed.body?.cancel();
    },
  );

  test('the cases cover all calls for one job', () => {
    const described = CALLS.filter(({ path }) => path.startsWith('/api/jobs/:id'));
    expect(described.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
      calls.map(([method, path]) => `${method} ${path(':id')}`).sort(),
    );
  });
});

test('the list of jobs has only those of the token’s tables, in each format', async () => {
  const { id } = await makeJob(database.pool);
  const ids = async (token: string, query: string) =>
    ((await (await call(token, 'GET', `${paths.jobs}?${query}`)).json()) as { id: string }[]).map(
      (job) => job.id,
    );
  for (const query of ['', 'summary=true', 'status=pending,failed', 'limit=1&summary=true&status=pending']) {
    expect(await ids(mine, query)).toEqual([id]);
    expect(await ids(ROOT, query)).toEqual([id]);
    expect(await ids(other, query)).toEqual([]);
  }
});

test('among jobs of many tables a token sees its own, whatever their names', async () => {
  const names = [
    'customers',
    'shop.orders',
    'shop."Order ""Lines"""',
    'shopping.orders',
    '"shop.x".orders',
    '"Shop".orders',
    'public.customers_2',
    `x."'); drop table jobs; --"`,
    'x."Mine"',
    'x."MINE"',
  ];
  const jobs = new Map<string, string>();
  for (const name of names) jobs.set(name, (await makeJob(database.pool, { target_table: name })).id);
  const seen = async (token: string) => {
    const response = await call(token, 'GET', `${paths.jobs}?summary=true`);
    const ids = ((await response.json()) as { id: string }[]).map(({ id }) => id);
    const bySingle: string[] = [];
    for (const [name, id] of jobs)
      if ((await call(token, 'GET', paths.job(id))).status === 200) bySingle.push(name);
    const byList = names.filter((name) => ids.includes(jobs.get(name)!));
    // Both filters, in PostgreSQL and in memory, agree.
    expect(byList).toEqual(bySingle);
    return byList;
  };
  expect(await seen(mine)).toEqual([
    'customers',
    'shop.orders',
    'shop."Order ""Lines"""',
    'public.customers_2',
  ]);
  expect(await seen(other)).toEqual(['shop.orders', 'shop."Order ""Lines"""', 'public.customers_2']);
  expect(await seen(ROOT)).toEqual(names);
  const hostile = await tokenFor({ tables: [`x."'); drop table jobs; --"`] });
  expect(await seen(hostile)).toEqual([`x."'); drop table jobs; --"`]);
  expect(await seen(await tokenFor({ tables: ['x."Mine"'] }))).toEqual(['x."Mine"']);
});

test('a stream starts with the newest jobs of the token’s tables', async () => {
  const { id } = await makeJob(database.pool, { target_table: 'shop.orders', created_at: '2020-01-01' });
  await database.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256)
     select gen_random_uuid(), 'x.csv', 1, repeat('a', 64) from generate_series(1, 250)`,
  );
  const shop = await stream(other, paths.allStreams);
  try {
    await vi.waitFor(() => expect(shop.text()).toContain(id));
    expect(shop.text().match(/^data:/gm)).toHaveLength(1);
  } finally {
    shop.stop();
  }
});

test('the stream of all jobs has those of the token’s tables: initial and new jobs, progress and ends', async () => {
  const first = await makeJob(database.pool, processed(1));
  const [seeing, blind] = [await stream(mine, paths.allStreams), await stream(other, paths.allStreams)];
  try {
    await vi.waitFor(() => expect(seeing.text()).toContain(first.id));
    harness.publisher.publish(await advanceJob(database.pool, first.id, processed(50)));
    const second = await makeJob(database.pool);
    harness.publisher.publish(progressOf(second));
    await vi.waitFor(() => expect(seeing.text()).toMatch(/"processedRows":50/));
    await vi.waitFor(() => expect(seeing.text()).toContain(second.id));
    harness.publisher.publish(
      await advanceJob(database.pool, first.id, { ...processed(100, 'completed'), completed_at: new Date() }),
    );
    await vi.waitFor(() => expect(seeing.text()).toMatch(/"status":"completed"/));
    // Two heartbeats, so at least two polls of its board.
    await vi.waitFor(() => expect(blind.text().match(/: still here/g)?.length).toBeGreaterThan(1));
    expect(blind.text()).not.toMatch(/data:/);
  } finally {
    seeing.stop();
    blind.stop();
  }
});

test('progress of jobs missing from a board costs one poll, not one per message', async () => {
  const { pool } = database;
  const access = createAccess({ pool, known: [{ name: 'API_TOKEN', token: ROOT }], anonymous: 'never' });
  // In this test the board polls on its own only once: when it starts.
  const quiet = await startHarness({ app: { boardMs: 3_600_000 }, deps: { pool, access } });
  const { id } = await makeJob(pool, processed(1));
  const query = vi.spyOn(pool, 'query');
  const looks = () => query.mock.calls.filter(([text]) => String(text).includes('candidates > place')).length;
  const blind = await stream(other, paths.allStreams, quiet);
  const watched = await stream(ROOT, paths.stream(id), quiet);
  try {
    for (let rows = 2; rows < 12; rows++) {
      quiet.publisher.publish(await advanceJob(pool, id, processed(rows)));
      await vi.waitFor(() => expect(watched.text()).toContain(`"processedRows":${rows},`));
      await vi.waitFor(() => expect(looks()).toBeGreaterThan(1));
    }
    expect(looks()).toBe(2);
  } finally {
    query.mockRestore();
    blind.stop();
    watched.stop();
    await quiet.stop();
  }
});

test('an upload into a table outside the token is refused before the file is read', async () => {
  expect(await problemFrom(await upload(harness, form(), bearer(other)))).toMatchObject({
    status: 403,
    code: 'table_not_allowed',
    detail: expect.stringContaining('this token is not for public.customers'),
  });
  expect(await harness.files()).toEqual([]);
  expect((await upload(harness, form(), bearer(mine))).status).toBe(202);
});

test('a retry is refused if TARGET_TABLES no longer has the table', async () => {
  const tables = await openTableAccess(database.pool, { targetTables: 'shop.*', ownServer: true });
  const { pool } = database;
  const narrow = await startHarness({
    deps: { pool, tables, access: createAccess({ pool, known: [], anonymous: 'always' }) },
  });
  try {
    const { id } = await makeJob(pool, { ...processed(1, 'failed'), completed_at: new Date() });
    const refused = await problemFrom(await fetch(narrow.url + paths.retry(id), { method: 'POST' }));
    expect(refused).toMatchObject({
      code: 'table_not_allowed',
      detail: expect.stringContaining('TARGET_TABLES'),
    });
    expect(await problemFrom(await upload(narrow))).toMatchObject({ code: 'table_not_allowed' });
    expect((await fetch(narrow.url + paths.job(id))).status).toBe(200);
  } finally {
    await narrow.stop();
  }
});

test('an Idempotency-Key of a job that a token cannot see reveals nothing of that job', async () => {
  // Both tokens may load into the table; between the two uploads the job becomes invisible to the second.
  const key = { 'Idempotency-Key': randomUUID() };
  const { id } = await makeJob(database.pool, { idempotency_key: key['Idempotency-Key'] });
  const tables = { home: 'public', never: () => undefined, refusal: () => undefined };
  const { pool } = database;
  const open = await startHarness({
    deps: { pool, tables, access: createAccess({ pool, known: [], anonymous: 'never' }) },
  });
  try {
    const problem = await problemFrom(await upload(open, form(), { ...bearer(other), ...key }));
    expect(problem).toMatchObject({ code: 'idempotency_conflict' });
    expect(problem.detail).not.toContain(id);
    expect((await problemFrom(await upload(open, form(), { ...bearer(mine), ...key }))).detail).toContain(id);
  } finally {
    await open.stop();
  }
});

test('a token for some tables creates no tokens, reads no metrics and sees no webhooks, which cover all tables', async () => {
  for (const [method, path] of [
    ['GET', paths.tokens],
    ['POST', paths.tokens],
    ['DELETE', paths.token(randomUUID())],
    ['GET', paths.metrics],
    ['HEAD', paths.metrics],
    ['GET', paths.webhooks],
    ['POST', paths.webhookTest],
    ['POST', paths.webhookRedeliver],
  ] as const) {
    const response = await call(mine, method, path, { 'Content-Type': 'application/json' });
    expect([path, response.status]).toEqual([path, 403]);
    if (method === 'HEAD') continue;
    expect(await problemFrom(response)).toMatchObject({
      code: 'forbidden',
      detail: `${method} ${path} needs a token that is for all tables; this one is for shop.*, public.cust*`,
    });
  }
});
