import { WEBHOOK_EVENTS } from '@csvjobs/shared';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { effectiveConfiguration, mistypedVariables } from '../../src/configDescription.js';
import { readWebhooks } from '../../src/webhooks/configuration.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
const ONE = { WEBHOOK_URL: 'https://hooks.example.com/in?key=planted', WEBHOOK_SECRET: SECRET };

test('one endpoint receives all events by default', () => {
  const [endpoint, ...more] = readConfig(ONE).webhooks;
  expect(more).toEqual([]);
  expect(endpoint).toMatchObject({ name: 'default', secrets: [SECRET], events: WEBHOOK_EVENTS });
  expect(endpoint).toMatchObject({ tables: undefined, allowPrivate: false });
  expect(endpoint?.url.href).toBe(ONE.WEBHOOK_URL);
  expect(readConfig({}).webhooks).toEqual([]);
  expect(readConfig({ WEBHOOK_URL: '', WEBHOOK_SECRET: '' }).webhooks).toEqual([]);
});

test('several endpoints have their own secrets, events and tables', () => {
  const { webhooks } = readConfig({
    ...ONE,
    WEBHOOK_URL_ERP: 'http://erp.internal:8080/hook',
    WEBHOOK_SECRET_ERP: `${SECRET}, ${OTHER}`,
    WEBHOOK_EVENTS_ERP: 'job.failed, job.completed',
    WEBHOOK_TABLES_ERP: 'shop.*,public.customers',
    WEBHOOK_ALLOW_PRIVATE: 'ERP.internal',
    WEBHOOK_URL_2: 'http://10.0.0.7/hook',
    WEBHOOK_SECRET_2: OTHER,
  });
  expect(webhooks.map(({ name }) => name)).toEqual(['default', '2', 'erp']);
  expect(webhooks[2]).toMatchObject({
    secrets: [SECRET, OTHER],
    events: ['job.completed', 'job.failed'],
    tables: { patterns: 'shop.*,public.customers', regex: expect.stringMatching(/^\^/) },
    allowPrivate: true,
  });
  expect(webhooks[1]).toMatchObject({ allowPrivate: false });
});

test.each([
  [{ WEBHOOK_URL: 'https://x.example' }, /WEBHOOK_SECRET: must be set .*openssl rand/],
  [{ WEBHOOK_SECRET: SECRET }, /WEBHOOK_SECRET: is set, and WEBHOOK_URL is not/],
  [{ ...ONE, WEBHOOK_EVENTS_ERP: 'job.failed' }, /WEBHOOK_EVENTS_ERP: is set, and WEBHOOK_URL_ERP is not/],
  [{ ...ONE, WEBHOOK_URL: 'hooks.example.com' }, /WEBHOOK_URL: must be a URL/],
  [{ ...ONE, WEBHOOK_URL: 'ftp://hooks.example.com' }, /WEBHOOK_URL: must begin with https/],
  [{ ...ONE, WEBHOOK_URL: 'https://me:pw@x.example' }, /WEBHOOK_URL: must not contain a user or password/],
  [{ ...ONE, WEBHOOK_SECRET: 'secret' }, /WEBHOOK_SECRET: must be whsec_ .*24 to 64 bytes.*openssl/],
  [{ ...ONE, WEBHOOK_SECRET: `whsec_${Buffer.alloc(23).toString('base64')}` }, /WEBHOOK_SECRET: must be/],
  [{ ...ONE, WEBHOOK_SECRET: `whsec_${Buffer.alloc(65).toString('base64')}` }, /WEBHOOK_SECRET: must be/],
  [{ ...ONE, WEBHOOK_SECRET: `${SECRET},${OTHER},${OTHER}` }, /WEBHOOK_SECRET: must be one secret, or two/],
  [
    { ...ONE, WEBHOOK_EVENTS: 'job.done' },
    /WEBHOOK_EVENTS: "job.done" is not an event; the events are job.completed/,
  ],
  [{ ...ONE, WEBHOOK_TABLES: 'customers' }, /WEBHOOK_TABLES: "customers" names no schema/],
  [
    { ...ONE, WEBHOOK_ALLOW_PRIVATE: 'erp' },
    /WEBHOOK_ALLOW_PRIVATE: "erp" is not the host of any WEBHOOK_URL/,
  ],
  [
    { ...ONE, WEBHOOK_URL_DEFAULT: 'https://x.example', WEBHOOK_SECRET_DEFAULT: SECRET },
    /WEBHOOK_URL_DEFAULT: is the name of/,
  ],
])('%j is refused', (environment, message) => {
  expect(() => readConfig(environment)).toThrow(message);
  // All errors at once.
  expect(() => readConfig({ ...environment, API_PORT: 'x' })).toThrow(/API_PORT[\s\S]*WEBHOOK_/);
});

describe('the public view', () => {
  const environment = {
    ...ONE,
    WEBHOOK_URL_ERP: 'https://erp.example.com/planted',
    WEBHOOK_SECRET_ERP: OTHER,
  };

  test('has hosts, and no secret: the rest of a URL may be one', () => {
    const text = effectiveConfiguration(environment, readConfig(environment));
    expect(text).toMatch(/^WEBHOOK_URL +https:\/\/hooks\.example\.com\/\(hidden\)$/m);
    expect(text).toMatch(/^WEBHOOK_SECRET +\(hidden\)$/m);
    expect(text).toMatch(/^WEBHOOK_URL_ERP +https:\/\/erp\.example\.com\/\(hidden\)$/m);
    expect(text).toMatch(/^WEBHOOK_SECRET_ERP +\(hidden\)$/m);
    expect(text).not.toMatch(/planted|whsec_/);
  });

  test('variables of further endpoints are not mistyped; others are', () => {
    expect(mistypedVariables({ ...environment, WEBHOOK_URL_2: 'x' })).toEqual([]);
    expect(mistypedVariables({ WEBHOOK_SECRTE: 'x' })).toEqual([
      { name: 'WEBHOOK_SECRTE', meant: 'WEBHOOK_SECRET' },
    ]);
  });

  test.each([
    ['WEBHOOK_URL_A_B', 'WEBHOOK_URL_AB'],
    ['WEBHOOK_URL_erp', 'WEBHOOK_URL_ERP'],
    ['WEBHOOK_URL_a', 'WEBHOOK_URL_A'],
    ['WEBHOOK_SECRET_SHOP-EU', 'WEBHOOK_SECRET_SHOPEU'],
    ['webhook_events_erp', 'WEBHOOK_EVENTS_ERP'],
    ['WEBHOOK_TABLE_ERP', 'WEBHOOK_TABLES_ERP'],
    ['WEBHOOK_URL_', 'WEBHOOK_URL'],
    ['WEBHOOK_ALLOW_PRIVAT', 'WEBHOOK_ALLOW_PRIVATE'],
  ])('%s configures nothing: it is named, with %s', (name, meant) => {
    expect(readWebhooks({ [name]: 'x' })).toEqual({ endpoints: [], issues: [] });
    expect(mistypedVariables({ [name]: 'x' })).toEqual([{ name, meant }]);
  });
});
