/** `GET /`: a page for people, a few words of JSON for programs; the same with and without a token. */
import { createHash } from 'node:crypto';
import { frontPageSchema, paths } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type Harness, startHarness } from './harness.js';

const TOKEN = 'a-token-of-the-environment';
/** The Accept headers of Chromium and Firefox. */
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

let database: TestDatabase;
let locked: Harness;
let redisWell = true;

beforeAll(async () => {
  database = await createDatabase();
  const { pool } = database;
  locked = await startHarness({
    deps: {
      pool,
      access: createAccess({ pool, known: [{ name: 'API_TOKEN', token: TOKEN }], anonymous: 'never' }),
      checks: {
        disk: async () => '10 GiB free in /srv/uploads',
        redis: async () => {
          if (!redisWell) throw new Error('connect ECONNREFUSED 10.1.2.3:6379');
          return 'Redis 7';
        },
      },
    },
  });
});

afterAll(async () => {
  await locked.stop();
  await database.drop();
});

const ask = (headers: Record<string, string> = {}) => fetch(locked.url + paths.front, { headers });
const CALLERS: Record<string, string>[] = [
  {},
  { Authorization: `Bearer ${TOKEN}` },
  { Authorization: 'Bearer wrong' },
];

test('a browser gets a page with a description, the health and links', async () => {
  for (const caller of CALLERS) {
    const response = await ask({ Accept: BROWSER, ...caller });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('vary')).toContain('Accept');
    const html = await response.text();
    expect(html).toContain('loads CSV files into PostgreSQL');
    expect(html).toContain('<h2>Ready</h2>');
    expect(html).toContain(`<a href="${paths.description}">`);
    expect(html).toContain('docs/getting-started.md');
  }
});

test('the page has no script and loads nothing, and its headers forbid both', async () => {
  const response = await ask({ Accept: BROWSER });
  const html = await response.text();
  expect(html).not.toMatch(/<(script|link|img|iframe|form|object)\b|\bon\w+=|url\(|@import|https?:/i);
  const [, style] = /<style>([\s\S]*)<\/style>/.exec(html)!;
  const hash = createHash('sha256').update(style!).digest('base64');
  expect(response.headers.get('content-security-policy')).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('programs get JSON with working links', async () => {
  for (const accept of ['application/json', '*/*', 'application/json, text/html;q=0.5', 'text/csv']) {
    const response = await ask({ Accept: accept });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const body = frontPageSchema.parse(await response.json());
    expect(body).toMatchObject({ name: 'csvjobs', version: '1.2.3', ready: true });
    for (const link of Object.values(body.links))
      expect(
        (await fetch(locked.url + link, { headers: { Authorization: `Bearer ${TOKEN}` } })).status,
        link,
      ).toBe(200);
  }
});

test('the page names the failing backend, but never the reason', async () => {
  redisWell = false;
  try {
    for (const caller of CALLERS) {
      const html = await (await ask({ Accept: BROWSER, ...caller })).text();
      expect(html).toContain('<h2>Not ready</h2>');
      expect(html).toContain('<li>redis: not ready</li>');
      expect(html).toContain('<li>disk: ok</li>');
      const json = await (await ask({ Accept: 'application/json', ...caller })).text();
      expect(JSON.parse(json)).toMatchObject({ ready: false });
      expect(html + json).not.toMatch(/srv|10\.1\.2\.3|10 GiB/);
    }
  } finally {
    redisWell = true;
  }
});
