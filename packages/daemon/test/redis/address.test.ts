import { expect, test } from 'vitest';
import { redisAddress } from '../../src/redis/address.js';

test.each([
  ['redis://cache.example', { host: 'cache.example', port: 6379 }],
  ['redis://cache.example:6380/3', { host: 'cache.example', port: 6380, db: 3 }],
  ['redis://:p%40ss%25@cache.example', { host: 'cache.example', port: 6379, password: 'p@ss%' }],
  [
    'rediss://ann:pw@cache.example/',
    { host: 'cache.example', port: 6379, username: 'ann', password: 'pw', tls: {} },
  ],
  ['redis://[::1]:6381', { host: '::1', port: 6381 }],
  ['unix:///run/redis/redis%20one.sock', { path: '/run/redis/redis one.sock' }],
  [
    'unix://ann:p%2Fw@localhost/run/redis.sock?db=2',
    { path: '/run/redis.sock', username: 'ann', password: 'p/w', db: 2 },
  ],
])('%s', (url, address) => {
  expect(redisAddress(url)).toEqual(address);
});

test.each(['redis://:x%zz@host', 'redis://:x%ff@host', 'unix:///run/%zz', 'redis://:secret@host/abc'])(
  '%s is refused',
  (url) => {
    expect(() => redisAddress(url)).toThrow();
  },
);
