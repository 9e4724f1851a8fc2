/** A PostgreSQL that accepts only TLS: every connection of the program uses it. */
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { type Certificates, makeCertificates } from '../../packages/daemon/test/support/certificates.js';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { controlTls, onPort, type TlsPostgres } from '../../packages/daemon/test/support/tlsPostgres.js';
import { type Bench, openBench } from '../faults/support/bench.js';
import { completed, readiness, upload } from '../faults/support/client.js';
import { dirtyFile } from '../faults/support/dirtyFile.js';
import { expectUndisturbed, putKnown } from '../faults/support/oracle.js';
import { until } from '../faults/support/until.js';
import { csvjobsWith } from '../support/cli.js';

const file = dirtyFile(51, 400);

/** Errors are reported in full with a token. */
const API_TOKEN = 'planted-token-of-an-admin';

let bench: Bench;
let tls: TlsPostgres;
let certificates: Certificates;

afterEach(async () => {
  await tls.close();
  await bench.finish();
});

/** With a role that can only log in with a client certificate. */
async function begin(): Promise<Record<string, string>> {
  certificates = await makeCertificates();
  bench = await openBench({ postgres: await onPort() });
  tls = await controlTls(bench.postgresServer, certificates);
  await tls.offer(certificates.server, 'hostssl all all all cert');
  return {
    DATABASE_URL: `postgres://postgres@localhost:${bench.address.port}/postgres?sslmode=verify-full`,
    DB_SSLROOTCERT: certificates.ca.cert,
    DB_SSLCERT: certificates.client.cert,
    DB_SSLKEY: certificates.client.key,
  };
}

test('migrations, the pool and the lanes use TLS; readyz and doctor report later errors', async () => {
  const environment = await begin();
  const migrating = bench.daemon(environment, { args: ['migrate'] });
  expect(await migrating.ended, migrating.said()).toBe(0);
  await putKnown(bench.pool, file);
  const daemon = bench.daemon({ ...environment, BATCH_ROWS: '10', API_TOKEN, API_ALLOW_ANONYMOUS: 'true' });
  const url = await daemon.url();
  const id = await upload(url, file.bytes);
  const seen = await until('a lane loads', async () => {
    const { rows } = await bench.pool.query<{ name: string; ssl: boolean }>(
      `select application_name as name, ssl from pg_stat_activity join pg_stat_ssl using (pid) where client_addr is not null`,
    );
    return rows.some(({ name }) => name.includes(id)) && rows;
  });
  expect(seen.filter(({ ssl }) => !ssl)).toEqual([]);
  await completed(url, id);
  await expectUndisturbed(bench, id, file);

  await tls.offer(certificates.elsewhere);
  await endSessions();
  const why = /its certificate is not for localhost; use a name that the certificate has/;
  await until('it is seen', async () => !(await readiness(url)).checks.postgresql!.ok);
  const doctor = await csvjobsWith({ CSVJOBS_URL: url, CSVJOBS_TOKEN: API_TOKEN }, 'doctor');
  expect(doctor.stdout).toMatch(why);
  await tls.offer(certificates.server);
  await until('it is well again', async () => (await readiness(url)).checks.postgresql!.ok);
});

test('at startup, an error is one message', LONG, async () => {
  const environment = await begin();
  const refused = bench.daemon({ ...environment, DB_SSLROOTCERT: certificates.otherCa.cert });
  expect(await refused.ended).toBe(1);
  expect(refused.said()).toMatch(
    /^csvjobsd: PostgreSQL at localhost:\d+: its certificate is not of an authority in .*; give the authority of this server as sslrootcert \(DB_SSLROOTCERT\) \(.*\)\n$/,
  );
  const unusable = bench.daemon({ ...environment, DB_SSLKEY: '/nowhere' });
  expect(await unusable.ended).toBe(2);
  expect(unusable.said()).toMatch(/DATABASE_URL: sslkey names \/nowhere, which cannot be read/);
  // The oracle reads its tables.
  expect(await bench.daemon(environment, { args: ['migrate'] }).ended).toBe(0);
});

/** Ends the daemon's sessions, so that it reconnects. */
async function endSessions(): Promise<void> {
  const client = new pg.Client(bench.postgresServer.connection);
  await client.connect();
  await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where client_addr is not null`);
  await client.end();
}
