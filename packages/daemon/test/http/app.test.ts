import { PROBLEM_MEDIA_TYPE, paths, readinessSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { createDatabase } from '../support/postgres.js';
import { type Harness, makeJob, problemFrom, startHarness } from './harness.js';

let harness: Harness;
let redisWell = true;

beforeAll(async () => {
  const redis = async () => {
    if (!redisWell) throw new Error('Redis does not answer');
    return 'Redis 7';
  };
  harness = await startHarness({ deps: { checks: { redis, disk: async () => '10 GiB free' } } });
});

afterAll(async () => {
  await harness.stop();
});

test('the health check reports the daemon’s version', async () => {
  const response = await fetch(harness.url + paths.alive);
  expect(await response.json()).toEqual({ status: 'ok', version: '1.2.3' });
});

test('the daemon is ready while every backend works, and names the one that fails', async () => {
  const well = await fetch(harness.url + paths.ready);
  expect(well.status).toBe(200);
  expect(readinessSchema.parse(await well.json())).toEqual({
    ready: true,
    version: '1.2.3',
    checks: { redis: { ok: true, message: 'Redis 7' }, disk: { ok: true, message: '10 GiB free' } },
  });
  redisWell = false;
  const unwell = await fetch(harness.url + paths.ready);
  redisWell = true;
  expect(unwell.status).toBe(503);
  expect(readinessSchema.parse(await unwell.json())).toMatchObject({
    ready: false,
    checks: { redis: { ok: false, message: 'Redis does not answer' } },
  });
});

test('details of a backend’s health need a token: they contain paths and versions', async () => {
  const database = await createDatabase();
  const TOKEN = 'a-token-of-the-environment';
  const access = createAccess({
    pool: database.pool,
    known: [{ name: 'API_TOKEN', token: TOKEN }],
    anonymous: 'never',
  });
  const checks = {
    disk: async () => '10 GiB free in /srv/uploads',
    redis: async () => {
      throw new Error('connect ECONNREFUSED 10.1.2.3:6379');
    },
  };
  const locked = await startHarness({ deps: { pool: database.pool, access, checks } });
  try {
    for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Authorization: 'Basic abc' }]) {
      const response = await fetch(locked.url + paths.ready, { headers: headers as Record<string, string> });
      expect(response.status).toBe(503);
      const text = await response.text();
      expect(text).not.toMatch(/srv|10\.1\.2\.3/);
      expect(readinessSchema.parse(JSON.parse(text)).checks).toMatchObject({
        disk: { ok: true },
        redis: { ok: false },
      });
    }
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const text = await (await fetch(locked.url + paths.ready, { headers })).text();
    expect(text).toMatch(/srv.*10\.1\.2\.3/);
    // The token is cached, so the answer does not wait for PostgreSQL.
    await database.drop();
    expect(await (await fetch(locked.url + paths.ready, { headers })).text()).toBe(text);
    expect(await (await fetch(locked.url + paths.ready)).text()).not.toMatch(/srv/);
  } finally {
    await locked.stop();
  }
});

test.each(['/api', '/api/nothing', '/api/jobs/x/y'])('%s is not found', async (path) => {
  expect(await problemFrom(await fetch(harness.url + path))).toMatchObject({
    code: 'not_found',
    instance: path,
  });
});

test.each([
  ['DELETE', paths.jobs, 'HEAD, GET'],
  ['GET', paths.upload, 'POST'],
  ['PUT', paths.upload, 'POST'],
  ['GET', paths.cancel('0'), 'POST'],
  ['POST', paths.ready, 'HEAD, GET'],
  ['POST', paths.report('0'), 'HEAD, GET'],
  ['PROPFIND', paths.jobs, 'HEAD, GET'],
] as const)('%s is not allowed on %s, only %s', async (method, path, allow) => {
  const response = await fetch(harness.url + path, { method });
  expect(response.headers.get('allow')).toBe(allow);
  const problem = await problemFrom(response);
  expect(problem.code).toBe('method_not_allowed');
  expect(problem.detail).toContain(allow);
});

test('HEAD answers like GET, without a body', async () => {
  const { id } = await makeJob(harness.pool);
  for (const path of [paths.jobs, paths.job(id), paths.alive, paths.ready, '/nothing']) {
    const [head, get] = [
      await fetch(harness.url + path, { method: 'HEAD' }),
      await fetch(harness.url + path),
    ];
    expect(head.status).toBe(get.status);
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    expect(await head.text()).toBe('');
    await get.text();
  }
});

test('a request ID is returned, a harmful one is not', async () => {
  const asked = async (id: string) =>
    (await fetch(harness.url + paths.alive, { headers: { 'X-Request-Id': id } })).headers.get('x-request-id');
  expect(await asked('build-42:7')).toBe('build-42:7');
  expect(await asked('a b\t"c"')).toMatch(/^[0-9a-f-]{36}$/);
});

test('browsers of other origins are refused unless CORS is set', async () => {
  const headers = { Origin: 'http://elsewhere.example' };
  expect(
    (await fetch(harness.url + paths.alive, { headers })).headers.get('access-control-allow-origin'),
  ).toBeNull();
  const open = await startHarness({ app: { corsOrigin: 'http://elsewhere.example' } });
  try {
    for (const path of [paths.alive, '/nothing']) {
      const response = await fetch(open.url + path, { headers });
      expect(response.headers.get('access-control-allow-origin')).toBe('http://elsewhere.example');
      expect(response.headers.get('vary')).toContain('Origin');
    }
    const preflight = await fetch(open.url + paths.upload, {
      method: 'OPTIONS',
      headers: {
        ...headers,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'x-y',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('x-y');
  } finally {
    await open.stop();
  }
});

test('responses carry the usual security headers', async () => {
  const { headers } = await fetch(`${harness.url}/nothing`);
  expect(headers.get('content-type')).toBe(PROBLEM_MEDIA_TYPE);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe("default-src 'none'");
  expect(headers.get('x-powered-by')).toBeNull();
});
