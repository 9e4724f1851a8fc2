/** Behind PgBouncer, with a direct connection for migrations and lanes (DATABASE_DIRECT_URL). */
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import {
  hasPgBouncer,
  type PgBouncer,
  startPgBouncer,
} from '../../packages/daemon/test/support/pgbouncer.js';
import { createDatabase, onPlain } from '../../packages/daemon/test/support/postgres.js';
import { onPort } from '../../packages/daemon/test/support/tlsPostgres.js';
import { type Bench, openBench } from '../faults/support/bench.js';
import { completed, upload } from '../faults/support/client.js';
import { dirtyFile } from '../faults/support/dirtyFile.js';
import { expectUndisturbed, putKnown } from '../faults/support/oracle.js';
import { until } from '../faults/support/until.js';

const file = dirtyFile(52, 400);

let bench: Bench;
let bouncer: PgBouncer;

afterEach(async () => {
  await bench.finish();
  await bouncer.stop();
});

/** The pooler connects to PostgreSQL by its socket, the direct connection is TCP: so PostgreSQL can distinguish them. */
async function begin(): Promise<Record<string, string>> {
  bench = await openBench({ postgres: await onPort() });
  bouncer = await startPgBouncer(bench.address);
  const { host, port } = bouncer.connection;
  return {
    DATABASE_URL: `postgres://postgres@/postgres?host=${encodeURIComponent(host)}&port=${port}`,
    DATABASE_DIRECT_URL: `postgres://postgres@127.0.0.1:${bench.address.port}/postgres`,
  };
}

describe.skipIf(!hasPgBouncer())(
  'a direct connection past PgBouncer',
  { meta: { needs: 'PgBouncer' } },
  () => {
    test('serves migrations and loads; everything else goes through the pooler', LONG, async () => {
      const environment = await begin();
      const migrating = bench.daemon(environment, { args: ['migrate'] });
      expect(await migrating.ended, migrating.said()).toBe(0);
      await putKnown(bench.pool, file);
      const url = await bench.daemon({ ...environment, BATCH_ROWS: '10' }).url();
      const id = await upload(url, file.bytes);
      const seen = await until('a lane loads', async () => {
        const { rows } = await bench.pool.query<{ name: string; direct: boolean }>(
          `select application_name as name, client_addr is not null as direct from pg_stat_activity
         where application_name like 'csvjobs%' and pid <> pg_backend_pid()`,
        );
        return rows.some(({ name }) => name.includes(id)) && rows;
      });
      const loaders = seen.filter(({ name }) => name !== 'csvjobs');
      expect(loaders.filter(({ direct }) => !direct)).toEqual([]);
      expect(seen.filter(({ name, direct }) => direct && name === 'csvjobs')).toEqual([]);
      expect((await completed(url, id)).attempt).toBe(1);
      await expectUndisturbed(bench, id, file);
    });

    test('to another database is refused, and changes nothing there', LONG, async () => {
      const environment = await begin();
      const other = await createDatabase({ empty: true });
      const { host, port, user, database } = other.connection;
      const elsewhere = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
      for (const args of [['migrate'], []]) {
        const refused = bench.daemon({ ...environment, DATABASE_DIRECT_URL: elsewhere }, { args });
        expect(await refused.ended).toBe(2);
        expect(refused.said()).toMatch(
          /^csvjobsd: DATABASE_DIRECT_URL \(.*:5432\) leads to a different database than DATABASE_URL or DB_HOST \(.*\)\n {2}set it to/,
        );
      }
      // Another database on the same server is refused, too.
      await onPlain(bench.address, 'create database neighbour');
      const neighbour = environment.DATABASE_DIRECT_URL!.replace(/postgres$/, 'neighbour');
      const refused = bench.daemon({ ...environment, DATABASE_DIRECT_URL: neighbour });
      expect(await refused.ended).toBe(2);
      const tables = await other.plain(
        `select relname from pg_class where relname in ('jobs', 'pgmigrations')`,
      );
      expect(tables.rows).toEqual([]);
      await other.drop();
      expect(await bench.daemon(environment, { args: ['migrate'] }).ended).toBe(0);
    });

    test(
      'may use the owner of the tables as its role, and the pooler a role with only data rights',
      LONG,
      async () => {
        const environment = await begin();
        await onPlain(
          bench.address,
          `create role worker login; grant connect, temporary on database postgres to worker`,
        );
        const { host, port } = bouncer.connection;
        await bouncer.know('worker');
        const DATABASE_URL = `postgres://worker@/postgres?host=${encodeURIComponent(host)}&port=${port}`;
        const lacking = bench.daemon({ ...environment, DATABASE_URL }, { args: ['migrate'] });
        expect(await lacking.ended).toBe(1);
        expect(lacking.said()).toMatch(
          /the role worker lacks privileges on tables of csvjobs; .*\n {2}grant /,
        );
        // The grants from its message, word for word.
        await bench.pool.query(lacking.said().split('\n').slice(1).join('\n'));
        await putKnown(bench.pool, file);
        const url = await bench.daemon({ ...environment, DATABASE_URL }).url();
        const id = await upload(url, file.bytes);
        await completed(url, id);
        await expectUndisturbed(bench, id, file);
      },
    );
  },
);
