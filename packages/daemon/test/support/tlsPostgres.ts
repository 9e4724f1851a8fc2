/** The certificate and the access rules of a PostgreSQL, which tests change while it runs. */
import { chown, copyFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Certificate, Certificates } from './certificates.js';
import { freePort } from './freePort.js';
import type { PrivatePostgres } from './servers.js';

export interface TlsPostgres {
  /** Makes it offer TLS with this certificate, or no TLS; `hba` has the lines for TCP. */
  offer(certificate: Certificate | undefined, hba?: string): Promise<void>;
  close(): Promise<void>;
}

/** Everyone, with or without TLS. */
export const ANYBODY = 'host all all all trust';

/** Settings of a server reachable by TCP. */
export async function onPort(): Promise<{ listen_addresses: string; port: string }> {
  return { listen_addresses: '127.0.0.1', port: String(await freePort()) };
}

export async function controlTls(
  server: Pick<PrivatePostgres, 'connection'>,
  certificates: Certificates,
): Promise<TlsPostgres> {
  const admin = new pg.Client(server.connection);
  await admin.connect();
  const one = async (sql: string) => Object.values((await admin.query(sql)).rows[0] as object)[0] as string;
  const data = await one('show data_directory');
  const { uid, gid } = await stat(data);
  /** PostgreSQL only accepts a key that no other user can read. */
  const give = async (from: string, name: string) => {
    const file = join(data, name);
    await copyFile(from, file);
    await chown(file, uid, gid);
    return file;
  };
  const set = (name: string, value: string) => admin.query(`alter system set ${name} = '${value}'`);
  return {
    async offer(certificate, hba = ANYBODY) {
      await writeFile(join(data, 'pg_hba.conf'), `local all all trust\n${hba}\n`);
      if (certificate) {
        await set('ssl_cert_file', await give(certificate.cert, 'server.crt'));
        await set('ssl_key_file', await give(certificate.key, 'server.key'));
        await set('ssl_ca_file', await give(certificates.ca.cert, 'ca.crt'));
      }
      await set('ssl', certificate ? 'on' : 'off');
      const before = await one('select pg_conf_load_time()::text');
      await admin.query('select pg_reload_conf()');
      // A new backend has the postmaster's current configuration.
      for (;;) {
        const look = new pg.Client(server.connection);
        await look.connect();
        const { rows } = await look.query('select pg_conf_load_time()::text as loaded');
        await look.end();
        if (rows[0].loaded !== before) return;
      }
    },
    close: () => admin.end(),
  };
}
