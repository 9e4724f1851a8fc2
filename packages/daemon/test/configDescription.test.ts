import { describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.js';
import { effectiveConfiguration, mistypedVariables } from '../src/configDescription.js';

describe('the effective configuration', () => {
  const environment = {
    API_TOKEN: 'a-secret-that-is-long-enough',
    DB_PASSWORD: 'another-secret',
    DATABASE_URL: 'postgres://user:third-secret@db.example:5433/csv?password=fourth-secret',
    DATABASE_DIRECT_URL: 'postgres://user:sixth-secret@one:1,two:2/csv?sslpassword=seventh-secret',
    DB_SSLPASSWORD: 'eighth-secret',
    REDIS_SENTINEL_PASSWORD: 'ninth-secret',
    REDIS_URL: 'redis://:fifth-secret@redis.example',
    API_PORT: '5000',
    DATA_DIR: '',
  };
  const text = effectiveConfiguration(environment, readConfig(environment));

  test('shows what is set and what is not, but no secret', () => {
    expect(text).toMatch(/^API_PORT +5000$/m);
    expect(text).toMatch(/^API_HOST +127\.0\.0\.1 \(default\)$/m);
    expect(text).toMatch(/^DATA_DIR +\/.* \(default\)$/m);
    expect(text).toMatch(/^RETAIN_JOBS +not set$/m);
    expect(text).toContain('db.example:5433');
    expect(text).not.toMatch(/secret/);
  });
});

test.each([
  [{}, 107_374_182_400],
  [{ MAX_UPLOAD_BYTES: '5000' }, 5_000],
  [{ MAX_UPLOAD_BYTES: '5000', MAX_DECODED_BYTES: '9000' }, 9_000],
  [{ MAX_DECODED_BYTES: '9000' }, 9_000],
])('%j: a compressed file may be as large as a plain one by default', (environment, bytes) => {
  const config = readConfig(environment);
  expect(config.maxDecodedBytes).toBe(bytes);
  expect(effectiveConfiguration(environment, config)).toMatch(
    new RegExp(`^MAX_DECODED_BYTES +${bytes}( \\(default\\))?$`, 'm'),
  );
});

test('a variable that looks mistyped is named, one of another program is not', () => {
  const environment = {
    API_PROT: '1',
    MAX_UPLOAD_BYTE: '1',
    api_tokens: 'x',
    PATH: '/',
    HOME: '/',
    DB_TYPE: 'x',
  };
  expect(mistypedVariables({ ...environment, API_PORT: '1' })).toEqual([
    { name: 'API_PROT', meant: 'API_PORT' },
    { name: 'MAX_UPLOAD_BYTE', meant: 'MAX_UPLOAD_BYTES' },
    { name: 'api_tokens', meant: 'API_TOKEN' },
  ]);
});

test.each([
  [{ API_PORT: 'abc' }, /API_PORT: .*number.*Port to listen on/],
  [{ API_TOKEN: 'short' }, /API_TOKEN: must be 16 or more/],
  [{ RETAIN_FILES: '7 days' }, /RETAIN_FILES: must be a number with s, m, h or d/],
  [{ API_ALLOW_ANONYMOUS: 'perhaps' }, /API_ALLOW_ANONYMOUS/],
  [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL: .*debug/],
  [{ REDIS_URL: 'redis://:x%zz@host' }, /REDIS_URL: has a percent sign that encodes nothing; write %25/],
  [{ REDIS_URL: 'unix:///run/%zz' }, /REDIS_URL: has a percent sign/],
  [{ REDIS_URL: 'redis://:secret@host/abc' }, /REDIS_URL: must end with the number of a database/],
  [{ DATABASE_URL: 'postgres://ann:x%zz@host/db' }, /DATABASE_URL: has a percent sign/],
  [{ DATABASE_URL: 'postgres://ann:x%ff@host/db' }, /DATABASE_URL: has a percent sign/],
  [{ DATABASE_URL: 'mysql://ann:x@host/db' }, /DATABASE_URL: must be a URL like postgres:/],
  [
    { DATABASE_DIRECT_URL: 'postgres://ann:x@host/db' },
    /DATABASE_DIRECT_URL: is the connection that bypasses the pooler/,
  ],
])('%j is refused with the expected form, and without the value', (environment, message) => {
  expect(() => readConfig(environment)).toThrow(message);
  expect(() => readConfig(environment)).not.toThrow(Object.values(environment)[0]!);
});

test.each([
  [{ DB_SSLROOTCERT: '/no/ca.pem' }, /DB_HOST: sslrootcert names \/no\/ca.pem, which cannot be read/],
  [{ DB_SSLMODE: 'verify-ca' }, /DB_HOST: sslmode=verify-ca needs the authority to trust/],
  [{ DB_SSLMODE: 'on' }, /DB_SSLMODE: .*verify-full.*TLS to PostgreSQL, as in libpq/],
])('with %j the daemon does not start', (environment, message) => {
  expect(() => readConfig({ DB_HOST: 'db.example', ...environment })).toThrow(message);
});

test.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
  ['never', undefined],
])('%s is a valid retention time', (text, ms) => {
  expect(readConfig({ RETAIN_FILES: text }).RETAIN_FILES).toBe(ms);
});

test('by default files are kept for 7 days and jobs forever', () => {
  expect(readConfig({})).toMatchObject({ RETAIN_FILES: 604_800_000, API_ALLOW_ANONYMOUS: false });
  expect(readConfig({}).RETAIN_JOBS).toBeUndefined();
});

test.each([
  ['é'.repeat(32), 'must be 63 bytes or less'],
  ['a"b', 'must have no quotes'],
  ['pg_csvjobs', 'is a name of PostgreSQL itself'],
])('DB_SCHEMA %s is refused: %s', (DB_SCHEMA, why) => {
  expect(() => readConfig({ DB_SCHEMA })).toThrow(`DB_SCHEMA: ${why}`);
  expect(readConfig({ DB_SCHEMA: `Csv jobs ${'é'.repeat(27)}` }).DB_SCHEMA).toHaveLength(36);
});
