/**
 * Behind a real PgBouncer in transaction mode, where each transaction may have another session, and each session
 * serves other applications too: jobs load as usual, and other applications are not affected.
 */
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import {
  hasPgBouncer,
  type PgBouncer,
  startPgBouncer,
} from '../../packages/daemon/test/support/pgbouncer.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, upload } from './support/client.js';
import { dirtyFile } from './support/dirtyFile.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';

const file = dirtyFile(41, 1_500);
const LANES = '3';

let bench: Bench;
let bouncer: PgBouncer;

async function begin(settings: Record<string, string> = {}): Promise<void> {
  bench = await openBench({ environment: { WORKER_LANES: LANES } });
  bouncer = await startPgBouncer(bench.address, settings);
  await putKnown(bench.pool, file);
}

const daemon = (more: Record<string, string> = {}) =>
  bench.daemon({ DB_HOST: bouncer.connection.host, DB_PORT: String(bouncer.connection.port), ...more });

afterEach(async () => {
  await bench.finish();
  await bouncer.stop();
});

/** What another application sees of a session, which must be the server's defaults. */
const SETTINGS = [
  ...['session_replication_role', 'enable_seqscan', 'enable_hashjoin', 'jit', 'lock_timeout', 'search_path'],
  ...['idle_in_transaction_session_timeout', 'idle_session_timeout', 'datestyle', 'timezone', 'row_security'],
  ...['transaction_isolation', 'transaction_read_only', 'client_connection_check_interval'],
];

describe.skipIf(!hasPgBouncer())(
  'behind PgBouncer in transaction mode',
  { meta: { needs: 'PgBouncer' } },
  () => {
    test('a job loads as without it, and the sessions of others stay unchanged', LONG, async () => {
      await begin({ default_pool_size: '6' });
      await bench.pool.query('create table parents (id int primary key)');
      await bench.pool.query('create table children (parent int references parents)');
      const url = await daemon().url();
      const neighbour = await watchSessions(bouncer.connection);
      const id = await upload(url, file.bytes);
      expect((await completed(url, id)).attempt).toBe(1);
      const seen = await neighbour.stop();
      await expectUndisturbed(bench, id, file);
      // The neighbour used every backend that loaded, some of them between two batches.
      expect(seen.backends).toBeGreaterThan(Number(LANES));
      expect(seen.looks).toBeGreaterThan(20);
      expect(seen.odd).toEqual([]);
      expect(seen.unchecked).toBe(0);
      await bench.pool.query('drop table children, parents');
    });

    test('killed in mid-job, the job resumes', LONG, async () => {
      await begin();
      const first = daemon({ CSVJOBS_FAILPOINTS: 'before-commit:6=kill' });
      const id = await upload(await first.url(), file.bytes);
      expect(await first.ended).toBe('SIGKILL');
      expect((await storedJob(bench.pool, id)).processed).toBeGreaterThan(0);
      const job = await completed(await daemon().url(), id);
      expect(job.attempt).toBe(2);
      await expectUndisturbed(bench, id, file);
    });

    test('stopped in a transaction that holds the job row, the job is taken over', LONG, async () => {
      await begin();
      const zombie = daemon({ CSVJOBS_FAILPOINTS: 'before-commit:4=stop' });
      const id = await upload(await zombie.url(), file.bytes);
      const heir = daemon();
      const url = await heir.url();
      await heir.logged('job resumed');
      await completed(url, id);
      zombie.signal('SIGCONT');
      await zombie.logged(/no longer this worker's|another attempt has taken over the job/);
      await expectUndisturbed(bench, id, file);
    });

    test('with fewer backends than lanes, each batch waits for its own', LONG, async () => {
      await begin({ default_pool_size: '1' });
      // The second batch is late: the third must not take the backend before it.
      const url = await daemon({ CSVJOBS_FAILPOINTS: 'before-begin:2=delay/500' }).url();
      const id = await upload(url, file.bytes);
      expect((await completed(url, id)).attempt).toBe(1);
      await expectUndisturbed(bench, id, file);
    });

    test('daemons that start together migrate once', LONG, async () => {
      await begin();
      const { rows } = await bench.pool.query('select name from pgmigrations order by id');
      await bench.pool.query('drop schema public cascade; create schema public');
      const urls = await Promise.all([daemon(), daemon(), daemon()].map((each) => each.url()));
      expect((await bench.pool.query('select name from pgmigrations order by id')).rows).toEqual(rows);
      await putKnown(bench.pool, file);
      const id = await upload(urls[0]!, file.bytes);
      await completed(urls[1]!, id);
      await expectUndisturbed(bench, id, file);
    });

    test('one that pools statements is refused, with advice', async () => {
      await begin({ pool_mode: 'statement' });
      const refused = daemon();
      expect(await refused.ended).toBe(1);
      expect(refused.said()).toMatch(/^csvjobsd: the pooler .*\n {2}set pool_mode = transaction .*\n$/);
    });
  },
);

/**
 * Another application on the same pool: repeatedly, in several sessions at once, it reads their settings and
 * tries to insert a row that a foreign key forbids.
 */
async function watchSessions(address: pg.ClientConfig) {
  const seen = { backends: 0, looks: 0, odd: [] as string[], unchecked: 0 };
  const backends = new Set<number>();
  const clients = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const client = new pg.Client(address);
      await client.connect();
      return client;
    }),
  );
  const show = SETTINGS.map((name) => `current_setting('${name}') as ${name}`).join(', ');
  const look = async (client: pg.Client) => {
    await client.query('begin');
    const { rows } = await client.query(`select pg_backend_pid() as pid, ${show}`);
    const { pid, ...settings } = rows[0];
    backends.add(pid);
    seen.looks++;
    const put = client.query('insert into children values (1)');
    const refused = await put.then(
      () => false,
      (error: { code?: string }) => error.code === '23503',
    );
    if (!refused) seen.unchecked++;
    await client.query('rollback');
    return settings as Record<string, string>;
  };
  const usual = await look(clients[0]!);
  let over = false;
  const watching = clients.map(async (client) => {
    while (!over) {
      const settings = await look(client);
      for (const name of SETTINGS)
        if (settings[name] !== usual[name]) seen.odd.push(`${name} is ${settings[name]}, not ${usual[name]}`);
    }
  });
  return {
    async stop() {
      over = true;
      await Promise.all(watching);
      await Promise.all(clients.map((client) => client.end()));
      seen.backends = backends.size;
      return seen;
    },
  };
}
