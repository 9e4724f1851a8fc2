/** Bounds on uploads in pieces: how many may be under way or incomplete, by whom, and how slowly they may come. */
import { UPLOADED_JOB_HEADER } from '@csvjobs/shared';
import { expect, test, vi } from 'vitest';
import { digestOf, makeToken } from '../../../../src/access/token.js';
import { sweepUploads } from '../../../../src/resumable.js';
import { insertToken, revokeToken } from '../../../../src/sql/apiTokens.js';
import { countOpenUploads } from '../../../../src/sql/resumable/uploads.js';
import { CSV, makeJob, problemFrom, RawClient, startHarness, upload } from '../../harness.js';
import { create, head, look, patch } from './tus.js';

test('a complete upload waits while too many jobs are held: its bytes stay', async () => {
  const narrow = await startHarness({ app: { maxHeld: 1 } });
  try {
    const spec = JSON.stringify({ csvjobs: { hold: true } });
    const response = await create(narrow, CSV.length, { filename: 'customers.csv', spec });
    const path = response.headers.get('location')!;
    const held = await makeJob(narrow.pool, { status: 'held', mode: '{"atomic": true, "hold": true}' });
    for (const again of [() => patch(narrow, path, 0, CSV), () => look(narrow, path)])
      expect(await problemFrom(await again())).toMatchObject({ code: 'too_many_held' });
    await narrow.pool.query(`update jobs set status = 'completed' where id = $1`, [held.id]);
    expect((await head(narrow, path)).headers.has(UPLOADED_JOB_HEADER)).toBe(true);
  } finally {
    await narrow.stop();
  }
});

test('MAX_UPLOADS counts plain and resumable uploads together; MAX_QUEUED limits those that have begun', async () => {
  const narrow = await startHarness({ app: { maxUploads: 1, maxQueued: 4 } });
  try {
    const path = (await create(narrow, CSV.length)).headers.get('location')!;
    const client = new RawClient(narrow.port);
    client.socket.write(
      `PATCH ${path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n` +
        `Content-Type: application/offset+octet-stream\r\nContent-Length: ${CSV.length}\r\n\r\n${CSV.slice(0, 20)}`,
    );
    await vi.waitFor(async () => expect((await head(narrow, path)).headers.get('upload-offset')).toBe('20'));
    expect(await problemFrom(await upload(narrow))).toMatchObject({ code: 'too_many_uploads' });
    expect(await problemFrom(await create(narrow, 10))).toMatchObject({ code: 'too_many_uploads' });
    client.socket.write(CSV.slice(20));
    await client.see(/^HTTP\/1\.1 204/);
    client.socket.destroy();
    await narrow.pool.query('delete from jobs');
    for (let left = 2; left > 0; left--) expect((await create(narrow, 10)).status).toBe(201);
    const refused = await create(narrow, 10);
    expect(refused.headers.get('retry-after')).toBe('60');
    const { code, detail } = await problemFrom(refused);
    expect({ code, detail }).toEqual({
      code: 'too_many_uploads',
      detail: expect.stringMatching(/^2 of your uploads have begun .*MAX_QUEUED/),
    });
  } finally {
    await narrow.stop();
  }
});

/** Starts a daemon with MAX_QUEUED = 4, an admin, and a token for each of the names. */
async function startWithTokens(...names: string[]) {
  const access = async (token: string | undefined) => ({
    name: token === 'admin' ? 'API_TOKEN' : `token:${token}`,
    scope: token === 'admin' ? ('admin' as const) : ('write' as const),
    tables: null,
  });
  const daemon = await startHarness({ deps: { access }, app: { maxQueued: 4 } });
  const addToken = async (name: string) =>
    (await insertToken(daemon.pool, {
      ...{ name, scope: 'write', tables: null },
      digest: digestOf(makeToken()),
    }))!;
  const made = await Promise.all(names.map(addToken));
  return { daemon, addToken, made };
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

test('one token cannot take the places of all: another one still gets its own', async () => {
  const { daemon } = await startWithTokens('greedy', 'modest');
  const begin = async (token: string) => (await create(daemon, 10, undefined, bearer(token))).status;
  try {
    expect([await begin('greedy'), await begin('greedy'), await begin('greedy')]).toEqual([201, 201, 429]);
    expect([await begin('modest'), await begin('modest')]).toEqual([201, 429]);
    expect([await begin('admin'), await begin('admin')]).toEqual([201, 429]);
    // None is left for a caller that has none.
    await daemon.pool.query(`update resumable_uploads set owner = 'token:modest' where owner = 'API_TOKEN'`);
    const { code, detail } = await problemFrom(await create(daemon, 10, undefined, bearer('admin')));
    expect({ code, detail }).toEqual({
      code: 'too_many_uploads',
      detail: expect.stringMatching(/^4 uploads have begun .*MAX_QUEUED/),
    });
    await daemon.pool.query(`update resumable_uploads set expires_at = now() where owner = 'token:modest'`);
    expect(await begin('admin')).toBe(201);
  } finally {
    await daemon.stop();
  }
});

test('the uploads of a revoked token take no place, and are swept; those of its successor stay', async () => {
  const { daemon, made, addToken } = await startWithTokens('leaked', 'rotated');
  try {
    const ids = [];
    for (const { name } of made) {
      const headers = bearer(name);
      const path = (await create(daemon, CSV.length, undefined, headers)).headers.get('location')!;
      await patch(daemon, path, 0, CSV.slice(0, 20), headers);
      ids.push(path.split('/').at(-1));
    }
    for (const { id } of made) await revokeToken(daemon.pool, id);
    await addToken('rotated');
    expect(await countOpenUploads(daemon.pool, 'token:leaked')).toEqual({ all: 1, own: 0 });
    expect(await sweepUploads(daemon.pool, daemon.storage)).toBe(1);
    const files = await daemon.files();
    expect(files).not.toContain(`${ids[0]}.part`);
    expect(files).toContain(`${ids[1]}.part`);
    expect((await create(daemon, 10, undefined, bearer('admin'))).status).toBe(201);
    expect(await sweepUploads(daemon.pool, daemon.storage)).toBe(0);
  } finally {
    await daemon.stop();
  }
});

test.each([
  ['is silent', {}, { uploadIdleMs: 500 }, 'request_timeout'],
  ['drips', { paceMs: 300 }, {}, 'upload_too_slow'],
])('a body that %s is ended with its reason, and its bytes are kept', async (_, app, server, code) => {
  const strict = await startHarness({ app, server });
  try {
    const path = (await create(strict, CSV.length)).headers.get('location')!;
    const client = new RawClient(strict.port);
    client.socket.write(
      `PATCH ${path} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n` +
        `Content-Type: application/offset+octet-stream\r\nContent-Length: ${CSV.length}\r\n\r\n${CSV.slice(0, 20)}`,
    );
    await client.see(new RegExp(`^HTTP/1\\.1 408[^]*"code":"${code}"`));
    client.socket.destroy();
    expect((await head(strict, path)).headers.get('upload-offset')).toBe('20');
    expect((await patch(strict, path, 20, CSV.slice(20))).status).toBe(204);
  } finally {
    await strict.stop();
  }
});
