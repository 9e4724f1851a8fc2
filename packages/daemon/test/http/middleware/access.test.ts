import {
  createdTokenSchema,
  mayDo,
  paths,
  TOKEN_SCOPES,
  type TokenScope,
  tokenListSchema,
} from '@csvjobs/shared';
import Router from 'koa-router';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccess } from '../../../src/access/access.js';
import { digestOf } from '../../../src/access/token.js';
import { assertDescribed, neededScope } from '../../../src/http/description/scopes.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { form, type Harness, makeJob, problemFrom, startHarness, upload } from '../harness.js';

const ROOT = 'the-token-in-the-environment';

let database: TestDatabase;
let locked: Harness;

beforeAll(async () => {
  database = await createDatabase();
  const { pool } = database;
  const known = [{ name: 'API_TOKEN', token: ROOT }];
  locked = await startHarness({ deps: { pool, access: createAccess({ pool, known, anonymous: 'never' }) } });
});

afterAll(async () => {
  await locked.stop();
  await database.drop();
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function make(name: string, scope?: string, as = ROOT): Promise<Response> {
  return fetch(locked.url + paths.tokens, {
    method: 'POST',
    headers: { ...bearer(as), 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, ...(scope && { scope }) }),
  });
}

async function tokenOf(name: string, scope: string): Promise<{ id: string; token: string }> {
  const response = await make(name, scope);
  expect(response.status).toBe(201);
  return createdTokenSchema.parse(await response.json());
}

test('every route but the front page and the health checks, streams included, needs a token and says how to send it', async () => {
  const { id } = await makeJob(database.pool);
  for (const [method, path] of [
    ['GET', paths.jobs],
    ['GET', paths.job(id)],
    ['GET', paths.stream(id)],
    ['GET', paths.report(id)],
    ['POST', paths.cancel(id)],
    ['GET', paths.tokens],
    ['GET', paths.metrics],
    ['GET', paths.description],
    ['GET', '/nothing'],
  ] as const) {
    for (const headers of [{}, bearer('wrong'), { Authorization: 'Basic abc' }, bearer('')]) {
      const response = await fetch(locked.url + path, { method, headers: headers as Record<string, string> });
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="csvjobs"');
      expect(await problemFrom(response)).toMatchObject({ code: 'unauthorised', status: 401 });
    }
  }
  for (const path of [paths.front, paths.alive, paths.ready])
    expect((await fetch(locked.url + path)).status).toBe(200);
  expect(await problemFrom(await upload(locked))).toMatchObject({ code: 'unauthorised' });
  expect(await locked.files()).toEqual([]);
});

test('a token is created, shown once, listed without its secret, used, and revoked', async () => {
  const response = await make('ci');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const made = createdTokenSchema.parse(await response.json());
  expect(made).toMatchObject({ name: 'ci', scope: 'write', lastUsedAt: null, revokedAt: null });
  expect(made.token).toMatch(/^csvjobs_[\w-]{43}$/);
  expect(response.headers.get('location')).toBe(paths.token(made.id));

  const stored = await database.pool.query('select * from api_tokens where id = $1', [made.id]);
  expect(JSON.stringify(stored.rows)).not.toContain(made.token);
  expect(stored.rows[0].digest).toEqual(digestOf(made.token));

  expect((await fetch(locked.url + paths.jobs, { headers: bearer(made.token) })).status).toBe(200);
  const list = await (await fetch(locked.url + paths.tokens, { headers: bearer(ROOT) })).text();
  expect(list).not.toContain(made.token);
  expect(list).not.toContain('digest');
  const listed = tokenListSchema.parse(JSON.parse(list)).find(({ id }) => id === made.id);
  expect(listed?.lastUsedAt).toMatch(/^\d{4}-/);

  const revoke = () => fetch(locked.url + paths.token(made.id), { method: 'DELETE', headers: bearer(ROOT) });
  expect((await revoke()).status).toBe(200);
  expect(await problemFrom(await revoke())).toMatchObject({ code: 'token_not_found', status: 404 });
  const after = await fetch(locked.url + paths.jobs, { headers: bearer(made.token) });
  expect(await problemFrom(after)).toMatchObject({ code: 'unauthorised' });
  expect((await make('ci')).status).toBe(201);
});

/** Who may call which route, written down a second time: any new or more open route must be deliberate. */
const RULES: Record<string, TokenScope | 'none'> = {
  'POST /api/jobs/upload': 'write',
  'POST /api/preview': 'write',
  'OPTIONS /api/uploads': 'read',
  'POST /api/uploads': 'write',
  'GET /api/uploads/{id}': 'write',
  'HEAD /api/uploads/{id}': 'write',
  'PATCH /api/uploads/{id}': 'write',
  'DELETE /api/uploads/{id}': 'write',
  'GET /api/jobs': 'read',
  'GET /api/jobs/earlier': 'read',
  'GET /api/jobs/{id}': 'read',
  'DELETE /api/jobs/{id}': 'admin',
  'POST /api/jobs/{id}/cancel': 'write',
  'POST /api/jobs/{id}/retry': 'write',
  'POST /api/jobs/{id}/load': 'write',
  'POST /api/jobs/{id}/accept': 'write',
  'POST /api/jobs/{id}/discard': 'write',
  'POST /api/jobs/{id}/undo': 'write',
  'GET /api/webhooks': 'admin',
  'POST /api/webhooks/test': 'admin',
  'POST /api/webhooks/redeliver': 'admin',
  'GET /api/jobs/{id}/rows.csv': 'read',
  'GET /api/jobs/{id}/rows.ndjson': 'read',
  'GET /api/jobs/{id}/stream': 'read',
  'GET /api/jobs/stream': 'read',
  'GET /api/jobs/{id}/errors.csv': 'read',
  'GET /api/jobs/{id}/errors.json': 'read',
  'GET /api/jobs/{id}/errors.ndjson': 'read',
  'GET /api/jobs/{id}/errors.original': 'read',
  'GET /api/tables': 'read',
  'GET /api/tables/{table}': 'read',
  'GET /api/tokens': 'admin',
  'POST /api/tables': 'admin',
  'POST /api/tokens': 'admin',
  'DELETE /api/tokens/{id}': 'admin',
  'GET /api/openapi.json': 'read',
  'GET /metrics': 'read',
  'GET /': 'none',
  'GET /healthz': 'none',
  'GET /readyz': 'none',
};

describe('who may call what', () => {
  const tokens = new Map<TokenScope, string>();
  beforeAll(async () => {
    for (const scope of TOKEN_SCOPES) tokens.set(scope, (await tokenOf(`table-${scope}`, scope)).token);
  });

  test('is stated for every route, in the description too', async () => {
    const response = await fetch(locked.url + paths.description, { headers: bearer(ROOT) });
    const { paths: described } = (await response.json()) as {
      paths: Record<string, Record<string, { security: { token: string[] }[] }>>;
    };
    const found = Object.entries(described).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => [
        `${method.toUpperCase()} ${path}`,
        security[0]?.token[0] ?? 'none',
      ]),
    );
    expect(Object.fromEntries(found)).toEqual(RULES);
  });

  test('a route without an access rule prevents the start', () => {
    const router = new Router();
    router.get('/api/jobs', () => {});
    expect(() => assertDescribed(router)).not.toThrow();
    router.put('/api/jobs/:id', () => {});
    expect(() => assertDescribed(router)).toThrow('PUT /api/jobs/:id is not described');
  });

  test.each(Object.entries(RULES))('%s: %s', async (call, needed) => {
    const [method = '', template = ''] = call.split(' ');
    const url = locked.url + template.replace('{id}', '00000000-0000-4000-8000-000000000000');
    const ask = async (methodToo: string, headers: Record<string, string>) => {
      const response = await fetch(url, { method: methodToo, headers });
      await response.body?.cancel();
      return response.status;
    };
    for (const each of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
      for (const headers of [{}, bearer('wrong'), { Authorization: 'Basic abc' }]) {
        const status = await ask(each, headers as Record<string, string>);
        if (needed === 'none') expect(status).toBe(200);
        else expect(status).toBe(401);
      }
      for (const scope of TOKEN_SCOPES) {
        const status = await ask(each, bearer(tokens.get(scope)!));
        if (needed !== 'none' && !mayDo(scope, needed)) expect(status, scope).toBe(403);
        else expect([401, 403], scope).not.toContain(status);
      }
    }
  });
});

test('access treats anything like a job ID as a job ID', () => {
  expect(neededScope('DELETE', paths.allStreams)).toBe('admin');
  expect(neededScope('POST', paths.upload)).toBe('write');
  expect(neededScope('PUT', paths.ready)).toBe('none');
  expect(neededScope('GET', '/nothing')).toBe('read');
});

test('a token with insufficient scope is refused with its scope and the required one', async () => {
  const { token } = await tokenOf('reader', 'read');
  const response = await fetch(locked.url + paths.cancel('0'), { method: 'POST', headers: bearer(token) });
  const { code, detail } = await problemFrom(response);
  expect(code).toBe('forbidden');
  expect(detail).toContain('needs a token of scope write; this one is for read');
});

test('a token in a URL, where logs and histories keep it, is refused; a stream takes it in the header', async () => {
  const { id } = await makeJob(database.pool, { status: 'completed' });
  for (const name of ['token', 'access_token', 'authorization']) {
    for (const path of [paths.jobs, paths.stream(id), paths.report(id)]) {
      const response = await fetch(`${locked.url}${path}?${name}=${ROOT}`);
      expect(await problemFrom(response)).toMatchObject({ code: 'unauthorised' });
    }
  }
  const stream = await fetch(locked.url + paths.stream(id), { headers: bearer(ROOT) });
  expect(await stream.text()).toContain('"status":"completed"');
});

test('a path in capitals, or with a trailing slash, is not found', async () => {
  const { token } = await tokenOf('capitals', 'write');
  for (const path of [paths.tokens.toUpperCase(), `${paths.tokens}/`, '/api/Tokens', '//api/tokens']) {
    const response = await fetch(locked.url + path, {
      method: 'POST',
      headers: { ...bearer(token), 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'mine', scope: 'admin' }),
    });
    expect(await problemFrom(response), path).toMatchObject({ code: 'not_found' });
  }
});

test.each([
  [{ name: 'no spaces please' }, 400, 'bad_request'],
  [{ name: 'x', scope: 'root' }, 400, 'bad_request'],
  [{ name: 'x', more: 1 }, 400, 'bad_request'],
  ['not json', 400, 'bad_request'],
] as const)('an invalid token request is refused: %j', async (body, status, code) => {
  const response = await fetch(locked.url + paths.tokens, {
    method: 'POST',
    headers: { ...bearer(ROOT), 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  expect(await problemFrom(response)).toMatchObject({ code, status });
});

test('a body that a page could send cross-site is refused, and so is a duplicate name', async () => {
  const headers = { ...bearer(ROOT), 'Content-Type': 'text/plain' };
  const response = await fetch(locked.url + paths.tokens, { method: 'POST', headers, body: '{"name":"a"}' });
  expect(await problemFrom(response)).toMatchObject({ code: 'not_json', status: 415 });
  await make('twice');
  expect(await problemFrom(await make('twice'))).toMatchObject({ code: 'token_conflict', status: 409 });
});

describe('before the first token', () => {
  test('the first token is an admin’s and closes the API permanently, even after it is revoked', async () => {
    const open = await startHarness();
    try {
      const ask = (body: object) =>
        fetch(open.url + paths.tokens, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        });
      expect((await upload(open)).status).toBe(202);
      // An unknown token does no harm where none is needed.
      expect((await upload(open, form(), bearer('of-another-daemon'))).status).toBe(202);
      expect(await problemFrom(await ask({ name: 'ci', scope: 'write' }))).toMatchObject({
        code: 'token_conflict',
      });
      const { id, token } = createdTokenSchema.parse(
        await (await ask({ name: 'me', scope: 'admin' })).json(),
      );
      expect((await upload(open)).status).toBe(401);
      expect((await upload(open, form(), bearer(token))).status).toBe(202);
      await fetch(open.url + paths.token(id), { method: 'DELETE', headers: bearer(token) });
      expect((await upload(open)).status).toBe(401);
    } finally {
      await open.stop();
    }
  });
});
