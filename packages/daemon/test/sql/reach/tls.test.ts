/** TLS to a real PostgreSQL: each sslmode, against each kind of server, gives the same result as psql. */
import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProxy } from '../../../../../e2e/faults/support/proxy.js';
import { connect, createPool, cut, transaction } from '../../../src/sql/pool.js';
import { databaseAddress } from '../../../src/sql/reach/address.js';
import { SSL_MODES, type SslMode } from '../../../src/sql/reach/way.js';
import { type Certificates, KEY_PASSWORD, makeCertificates } from '../../support/certificates.js';
import { inShortIf, skipWithout } from '../../support/form.js';
import { type PrivatePostgres, startPostgres } from '../../support/servers.js';
import { ANYBODY, controlTls, onPort, type TlsPostgres } from '../../support/tlsPostgres.js';

let certificates: Certificates;
let server: PrivatePostgres;
let postgres: TlsPostgres;

beforeAll(async () => {
  certificates = await makeCertificates();
  server = await startPostgres(await onPort());
  postgres = await controlTls(server, certificates);
});
afterAll(async () => {
  await postgres.close();
  await server.stop();
});

const url = (parameters: Record<string, string>, host = 'localhost') =>
  `postgres://postgres:planted-password@${host}:${server.connection.port}/postgres?${new URLSearchParams(parameters)}`;

const IS_TLS = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';

/** Whether the connection uses TLS. */
async function reach(parameters: Record<string, string>, host?: string): Promise<'TLS' | 'plain'> {
  const client = await connect(databaseAddress(url(parameters, host)), 'csvjobs tests');
  try {
    const { rows } = await client.query(IS_TLS);
    return rows[0].ssl ? 'TLS' : 'plain';
  } finally {
    await client.end();
  }
}

const NO_TLS = /localhost:\d+: it offers no TLS, and sslmode=\S+ asks for it; set ssl = on/;
const NOT_TRUSTED =
  /localhost:\d+: its certificate is not of an authority in .*; give the authority .* as sslrootcert/;
const ASKS = /localhost:\d+: it asks for a client certificate; give sslcert and sslkey/;

const SERVERS: {
  name: string;
  offer: (c: Certificates) => Parameters<TlsPostgres['offer']>;
  root?: (c: Certificates) => string;
  expected: Record<SslMode, 'TLS' | 'plain' | RegExp>;
}[] = [
  {
    name: 'no TLS',
    offer: () => [undefined],
    root: (c) => c.ca.cert,
    expected: {
      ...{ disable: 'plain', allow: 'plain', prefer: 'plain' },
      ...{ require: NO_TLS, 'verify-ca': NO_TLS, 'verify-full': NO_TLS },
    },
  },
  {
    name: 'a self-signed certificate, without a configured authority',
    offer: (c) => [c.selfSigned],
    expected: {
      ...{ disable: 'plain', allow: 'plain', prefer: 'TLS', require: 'TLS' },
      'verify-ca': /sslmode=verify-ca needs the authority to trust; give its file as sslrootcert/,
      'verify-full': NOT_TRUSTED,
    },
  },
  {
    name: 'a certificate of the right authority',
    offer: (c) => [c.server],
    root: (c) => c.ca.cert,
    expected: {
      ...{ disable: 'plain', allow: 'plain', prefer: 'TLS' },
      ...{ require: 'TLS', 'verify-ca': 'TLS', 'verify-full': 'TLS' },
    },
  },
  {
    name: 'a certificate of another authority',
    offer: (c) => [c.server],
    root: (c) => c.otherCa.cert,
    expected: {
      // As in libpq: prefer falls back to what is possible.
      ...{ disable: 'plain', allow: 'plain', prefer: 'plain' },
      ...{ require: NOT_TRUSTED, 'verify-ca': NOT_TRUSTED, 'verify-full': NOT_TRUSTED },
    },
  },
  {
    name: 'a certificate for another name',
    offer: (c) => [c.elsewhere],
    root: (c) => c.ca.cert,
    expected: {
      ...{ disable: 'plain', allow: 'plain', prefer: 'TLS', require: 'TLS', 'verify-ca': 'TLS' },
      'verify-full':
        /its certificate is not for localhost; use a name that the certificate has, or sslmode=verify-ca/,
    },
  },
  {
    name: 'a required client certificate that is missing',
    offer: (c) => [c.server, 'hostssl all all all trust clientcert=verify-ca'],
    root: (c) => c.ca.cert,
    expected: {
      disable: /it takes no connection without TLS from here, and sslmode is disable; use sslmode=require/,
      ...{ allow: ASKS, prefer: ASKS, require: ASKS, 'verify-ca': ASKS, 'verify-full': ASKS },
    },
  },
];

describe.each(SERVERS)('$name', ({ name, offer, root, expected }) => {
  const parametersOf = (sslmode: SslMode) => ({
    sslmode,
    ...(root && { sslrootcert: root(certificates) }),
  });
  beforeAll(() => postgres.offer(...offer(certificates)));

  test.each(SSL_MODES)('sslmode=%s', async (mode) => {
    const outcome = expected[mode];
    if (typeof outcome === 'string') return expect(await reach(parametersOf(mode))).toBe(outcome);
    const failed = reach(parametersOf(mode));
    await expect(failed).rejects.toMatchObject({ code: 'database_tls', retryable: true });
    await expect(failed).rejects.toThrow(outcome);
    await expect(failed).rejects.not.toThrow(/planted-password/);
  });

  test(
    'psql has the same result in each mode',
    inShortIf(/another authority|another name/.test(name)),
    async (context) => {
      const psql = ['/usr/lib/postgresql/15/bin/psql', '/usr/bin/psql'].find((path) => existsSync(path));
      if (!psql) skipWithout(context, 'psql');
      for (const mode of SSL_MODES) {
        const ended = await promisify(execFile)(psql, ['-Atqc', IS_TLS, url(parametersOf(mode))], {
          env: { HOME: '/nowhere' },
        }).then(
          ({ stdout }) => (stdout.trim() === 't' ? 'TLS' : 'plain'),
          () => 'refused',
        );
        const outcome = expected[mode];
        expect(`${mode}: ${ended}`).toBe(`${mode}: ${typeof outcome === 'string' ? outcome : 'refused'}`);
      }
    },
  );
});

describe('client certificates', () => {
  const needed = 'hostssl all all all cert';
  const given = (more: Record<string, string>) => reach({ sslmode: 'require', ...more });
  beforeAll(() => postgres.offer(certificates.server, needed));

  test('the right one logs the role in, with a plain or an encrypted key', async () => {
    const { client, encryptedKey } = certificates;
    expect(await given({ sslcert: client.cert, sslkey: client.key })).toBe('TLS');
    const encrypted = { sslcert: client.cert, sslkey: encryptedKey };
    expect(await given({ ...encrypted, sslpassword: KEY_PASSWORD })).toBe('TLS');
    await expect(given(encrypted)).rejects.toThrow(
      /sslkey is encrypted, and sslpassword .* does not open it/,
    );
    await expect(given({ ...encrypted, sslpassword: 'wrong' })).rejects.toThrow(/does not open it/);
    await expect(given({ ...encrypted, sslpassword: unluckyPassword(encryptedKey) })).rejects.toThrow(
      /does not open it/,
    );
  });

  test.each<[string, (c: Certificates) => Record<string, string>, RegExp]>([
    ['none', () => ({}), ASKS],
    [
      'from another authority',
      ({ foreignClient: { cert, key } }) => ({ sslcert: cert, sslkey: key }),
      /it does not take the client certificate/,
    ],
    [
      'one for another role',
      ({ server: { cert, key } }) => ({ sslcert: cert, sslkey: key }),
      /it does not take the client certificate for this role/,
    ],
    ['without its key', ({ client: { cert } }) => ({ sslcert: cert }), /belong together/],
    [
      'with the key of another certificate',
      ({ client, server }) => ({ sslcert: client.cert, sslkey: server.key }),
      /sslkey is not the key of sslcert/,
    ],
    [
      'a missing file',
      () => ({ sslcert: '/nowhere', sslkey: '/nowhere' }),
      /sslcert names \/nowhere, which cannot be read/,
    ],
    [
      'a file that is not a certificate',
      ({ client }) => ({ sslcert: client.key, sslkey: client.key }),
      /is not usable: .* each must be a file in PEM/,
    ],
  ])('%s: refused with a message', async (_, files, message) => {
    await expect(given(files(certificates))).rejects.toThrow(message);
  });
});

describe('a connection with TLS', () => {
  const full = () => ({ sslmode: 'verify-full', sslrootcert: certificates.ca.cert });
  beforeAll(() => postgres.offer(certificates.server));

  test('verifies an IP address like a name', async () => {
    expect(await reach(full(), '127.0.0.1')).toBe('TLS');
  });

  test('is used by every connection of a pool, which survives a broken one', async () => {
    const broken: Error[] = [];
    const pool = createPool({ ...databaseAddress(url(full())), max: 3 }, (error) => broken.push(error));
    const kinds = await Promise.all(
      [1, 2, 3].map(() =>
        transaction(
          pool,
          async (db) => (await db.query(`${IS_TLS} and pg_sleep(0.05) is not null`)).rows[0].ssl,
        ),
      ),
    );
    expect(kinds).toEqual([true, true, true]);
    const client = await pool.connect();
    const waiting = client.query('select pg_sleep(60)');
    cut(client as never);
    await expect(waiting).rejects.toThrow();
    client.release(true);
    expect((await pool.query(IS_TLS)).rows[0].ssl).toBe(true);
    await pool.end();
  });

  test('is dropped when it goes silent', async () => {
    const proxy = await startProxy(() => String(server.connection.port));
    const through = databaseAddress(url(full()).replace(String(server.connection.port), String(proxy.port)));
    const client = await connect({ ...through, silenceMs: 500 }, 'csvjobs tests');
    expect((await client.query(IS_TLS)).rows[0].ssl).toBe(true);
    proxy.swallow();
    await expect(client.query(IS_TLS)).rejects.toThrow(
      /has not answered a request for 500 ms|Connection terminated/,
    );
    await proxy.close();
  });

  test('is used without sslmode if the server offers it', async () => {
    expect(await reach({})).toBe('TLS');
  });

  test('with channel_binding=require binds the password, and does not work without binding', async () => {
    const bound = { sslmode: 'require', channel_binding: 'require' };
    await expect(reach(bound)).rejects.toThrow(/does not bind the password .* use scram-sha-256 over TLS/);
    await reachAdmin(`alter role postgres password 'planted-password'`);
    await postgres.offer(certificates.server, 'host all all all scram-sha-256');
    expect(await reach(bound)).toBe('TLS');
    await expect(reach({ ...bound, sslmode: 'disable' })).rejects.toThrow(/does not bind the password/);
    await postgres.offer(certificates.server, ANYBODY);
  });
});

async function reachAdmin(sql: string): Promise<void> {
  const client = await connect(server.connection, 'csvjobs tests');
  await client.query(sql);
  await client.end();
}

/** A wrong password whose key decrypts to valid padding: OpenSSL then reports an unknown format. */
function unluckyPassword(file: string): string {
  const key = readFileSync(file);
  for (let n = 0; ; n += 1) {
    try {
      createPrivateKey({ key, passphrase: `wrong ${n}` });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_OSSL_BAD_DECRYPT') return `wrong ${n}`;
    }
  }
}
