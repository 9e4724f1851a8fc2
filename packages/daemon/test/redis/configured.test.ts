import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';
import { configuredRedis } from '../../src/redis/configured.js';
import { makeCertificates } from '../support/certificates.js';

const options = (environment: Record<string, string>) => configuredRedis(readConfig(environment));

test('with sentinels, REDIS_URL gives the login and TLS, and the sentinels the address', async () => {
  const { ca } = await makeCertificates();
  const tls = { ca: Buffer.from(ca.certPem) };
  expect(
    options({
      REDIS_URL: 'rediss://ann:pw@ignored:1/2',
      REDIS_TLS_CA: ca.cert,
      REDIS_SENTINELS: 's1, s2:26380,[::1]:26381',
      REDIS_SENTINEL_NAME: 'csv',
      REDIS_SENTINEL_PASSWORD: 'x',
    }),
  ).toEqual({
    name: 'csv',
    sentinels: [
      { host: 's1', port: 26379 },
      { host: 's2', port: 26380 },
      { host: '::1', port: 26381 },
    ],
    ...{ username: 'ann', password: 'pw', db: 2, tls },
    ...{ sentinelPassword: 'x', enableTLSForSentinelMode: true, sentinelTLS: tls },
  });
});

test('without sentinels the variables give the address, or none', () => {
  expect(options({ REDIS_HOST: 'cache', REDIS_PORT: '6380' })).toEqual({ host: 'cache', port: 6380 });
  expect(options({ REDIS_SENTINELS: 's1', REDIS_SENTINEL_NAME: 'csv' })).toMatchObject({ name: 'csv' });
  expect(options({})).toBeUndefined();
});

test.each([
  [{ REDIS_SENTINELS: 's1' }, /REDIS_SENTINEL_NAME: is needed with REDIS_SENTINELS/],
  [{ REDIS_SENTINEL_NAME: 'csv' }, /REDIS_SENTINELS: is needed with REDIS_SENTINEL_NAME/],
  [{ REDIS_SENTINELS: 's1:x', REDIS_SENTINEL_NAME: 'csv' }, /REDIS_SENTINELS: must be a list like/],
  [
    { REDIS_SENTINELS: 's1', REDIS_SENTINEL_NAME: 'csv', REDIS_URL: 'unix:///run/redis.sock' },
    /REDIS_URL: cannot be a socket/,
  ],
  [{ REDIS_URL: 'redis://cache', REDIS_TLS_CA: '/ca.pem' }, /REDIS_URL: must begin with rediss:/],
  [
    { REDIS_URL: 'rediss://cache', REDIS_TLS_CERT: '/c.pem' },
    /REDIS_TLS_CERT: and REDIS_TLS_KEY belong together/,
  ],
  [{ REDIS_URL: 'rediss://cache', REDIS_TLS_CA: '/nowhere' }, /REDIS_TLS_CA, .*: ENOENT.*\/nowhere/],
])('%j is refused', (environment, message) => {
  expect(() => readConfig(environment)).toThrow(message);
});
