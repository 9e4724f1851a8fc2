import { expect, test } from 'vitest';
import { databaseAddress } from '../../../src/sql/reach/address.js';
import type { Host } from '../../../src/sql/reach/way.js';

const hosts = (...all: [string, number][]): Host[] => all.map(([host, port]) => ({ host, port }));

test.each<[string, Host[]]>([
  ['postgres://ann:pw@db.example/csv', hosts(['db.example', 5432])],
  ['postgresql://db.example:6000', hosts(['db.example', 6000])],
  ['postgres://ann@one:6001,two:6002/csv', hosts(['one', 6001], ['two', 6002])],
  ['postgres://ann@one,two/csv', hosts(['one', 5432], ['two', 5432])],
  ['postgres://ann:a%40b,c@one,[::1]:6002/csv', hosts(['one', 5432], ['::1', 6002])],
  ['postgres:///csv?host=/run/postgresql', hosts(['/run/postgresql', 5432])],
  ['postgres://%2Frun%2Fpostgresql:6000/csv', hosts(['/run/postgresql', 6000])],
  ['postgres://ann@ignored/csv?host=one,two&port=6001,6002', hosts(['one', 6001], ['two', 6002])],
  ['postgres://ann@ignored/csv?host=one,two&port=6001', hosts(['one', 6001], ['two', 6001])],
  ['postgres:///csv', hosts(['localhost', 5432])],
])('the hosts of %s', (url, expected) => {
  expect(databaseAddress(url).way.hosts).toEqual(expected);
});

test('user, password, database and other node-pg parameters are left to node-pg', () => {
  const { connectionString } = databaseAddress(
    'postgres://ann:a%40b@one:1,two:2/csv?sslmode=require&application_name=mine&options=-c%20geqo%3Doff',
  );
  expect(connectionString).toBe(
    'postgres://ann:a%40b@localhost/csv?application_name=mine&options=-c+geqo%3Doff&host=one&port=1',
  );
});

test.each([
  ['', 'prefer'],
  ['sslmode=verify-ca', 'verify-ca'],
  ['ssl=true', 'require'],
  ['ssl=0', 'disable'],
  ['ssl=true&sslmode=verify-full', 'verify-full'],
  ['uselibpqcompat=true&sslmode=require', 'require'],
])('?%s means sslmode=%s', (query, mode) => {
  expect(databaseAddress(`postgres://db/csv?${query}`).way.tls.mode).toBe(mode);
});

test('TLS settings missing from the URL come from DB_SSLMODE and related variables', () => {
  const defaults = { mode: 'verify-full', rootCert: '/ca.pem', keyPassword: 'x' } as const;
  const { tls } = databaseAddress(
    'postgres://db/csv?sslrootcert=/other.pem&sslcert=/c&sslkey=/k',
    defaults,
  ).way;
  expect(tls).toMatchObject({
    mode: 'verify-full',
    rootCert: '/other.pem',
    cert: '/c',
    key: '/k',
    keyPassword: 'x',
  });
});

test.each([
  ['postgres://one/csv', 'any'],
  ['postgres://one,two/csv', 'primary'],
  ['postgres://one,two/csv?target_session_attrs=any', 'any'],
  ['postgres://one/csv?target_session_attrs=read-write', 'read-write'],
])('%s needs a server that is: %s', (url, needed) => {
  expect(databaseAddress(url).way.needed).toBe(needed);
});

test.each([
  ['mysql://ann:secret@db/csv', /must be a URL like postgres/],
  ['postgres://ann:secret@db:70000/csv', /a port that is not a number from 1 to 65535/],
  ['postgres://ann:secret@a:b:c/csv', /has a host that is none/],
  ['postgres://ann:secret@/csv?host=a,b,c&port=1,2', /names 3 hosts and 2 ports/],
  ['postgres://ann:secret@db/csv?sslmode=on', /a sslmode that is none; it is one of disable, allow, prefer/],
  ['postgres://ann:secret@db/csv?sslmode=no-verify', /write sslmode=require/],
  ['postgres://ann:secret@db/csv?sslnegotiation=direct', /needs sslmode=require or more/],
  ['postgres://ann:secret@db/csv?target_session_attrs=standby', /csvjobs writes; use read-write or primary/],
  ['postgres://ann:secret@db/csv?sslcrl=/x.crl', /has sslcrl, which csvjobs does not do/],
])('%s is refused, without its password', (url, message) => {
  expect(() => databaseAddress(url)).toThrow(message);
  expect(() => databaseAddress(url)).not.toThrow(/secret/);
});
