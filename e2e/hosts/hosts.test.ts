/**
 * Two APIs and three workers, each on its own host, with PostgreSQL and Redis on two more: whatever happens to a host, each
 * job ends like an undisturbed one. The hosts are this suite's own namespaces (support/host.ts).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { paths } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '../../packages/daemon/src/sql/pool.js';
import { completed, upload } from '../faults/support/client.js';
import { until } from '../faults/support/until.js';
import { HOST_COMMAND } from './support/host.js';
import { networkLacks } from './support/network.js';
import { emailIn, expectLoaded, type NumberedFile, numberedFile } from './support/numberedFile.js';
import { type Machine, openSite, type Site } from './support/site.js';

/** `npm run test:hosts`; otherwise the shorter form of `npm test`. */
const LONG = process.env.HOSTS === 'full';
const JOBS = LONG ? 200 : 30;
const LARGE_ROWS = LONG ? 1_000_000 : 100_000;
/** All these faults of hosts take minutes at a load of 30. */
const LONGEST = LONG ? 3_600_000 : 600_000;
/** Rows of the other jobs, in turn: the first is small. */
const ROWS = [100, 700];

const lacks = await networkLacks();
if (lacks)
  process.stderr.write(`SKIPPED: the suite of several hosts, as no network can be made here: ${lacks}\n`);

describe.skipIf(lacks)(
  'several hosts',
  { meta: { needs: 'root, and namespaces (util-linux, iproute2)' } },
  () => {
    let site: Site;
    let apis: Machine[];
    let workers: Machine[];

    beforeAll(async () => {
      site = await openSite({
        BATCH_ROWS: LONG ? '5000' : '1000',
        WORKER_LANES: '2',
        SMALL_JOB_BYTES: '10000',
        RECOVER_INTERVAL: '1000',
        // How long a host without PostgreSQL keeps its job.
        DB_TIMEOUT: '6000',
      });
      // The first creates the tables.
      apis = [await site.start('api1', 'api')];
      const [api2, ...others] = await Promise.all([
        site.start('api2', 'api'),
        ...['worker1', 'worker2', 'worker3'].map((name) => site.start(name, 'worker')),
      ]);
      apis.push(api2!);
      workers = others;
    });
    afterAll(() => site?.close());

    const attemptOf = async (id: string) => {
      const { rows } = await site.pool.query<{ attempt: number }>('select attempt from jobs where id = $1', [
        id,
      ]);
      return rows[0]!.attempt;
    };
    /** The worker of a job's last attempt. */
    async function holderOf(id: string): Promise<Machine> {
      return until(`job ${id} is with a host`, async () => {
        const attempt = await attemptOf(id);
        return workers.find(({ daemon }) =>
          daemon
            .log()
            .some(
              (line) =>
                /^job (started|resumed)$/.test(line.msg) && line.jobId === id && line.attempt === attempt,
            ),
        );
      });
    }
    /** Waits until another attempt has taken a job. */
    async function takenOver(id: string, from: number): Promise<void> {
      await until(`job ${id} is taken over from attempt ${from}`, async () => (await attemptOf(id)) > from);
    }
    async function send(file: NumberedFile, at: number): Promise<Sent> {
      return { file, id: await upload(apis[at % 2]!.url, file.bytes) };
    }
    interface Sent {
      file: NumberedFile;
      id: string;
    }
    const ended = async ({ id, file }: Sent) => {
      await completed(apis[0]!.url, id, 600_000);
      await expectLoaded(site.pool, id, file);
    };

    test('jobs start in the order of their uploads, separately for small and large ones', async () => {
      const sent: Sent[] = [];
      for (let at = 0; at < 12; at++) sent.push(await send(numberedFile(`f${at}`, ROWS[at % 2]!), at));
      for (const each of sent) await ended(each);
      const { rows } = await site.pool.query<{ id: string; small: boolean; attempt: number }>(
        `select id, small, attempt from jobs order by created_at + queued_ms * interval '1 ms', id`,
      );
      expect(new Set(rows.map(({ attempt }) => attempt))).toEqual(new Set([1]));
      for (const small of [true, false]) {
        const begun = rows.filter((row) => row.small === small).map(({ id }) => id);
        const uploaded = sent.filter(({ file }) => (file.records === ROWS[0]) === small).map(({ id }) => id);
        expect(begun).toHaveLength(6);
        // Three workers take jobs from the queue in order; of jobs claimed at the same moment, up to two may be ahead.
        for (const [at, id] of begun.entries()) expect(uploaded.indexOf(id)).toBeLessThanOrEqual(at + 2);
      }
    });

    test('a host is killed, frozen, unplugged, or loses Redis or PostgreSQL: every job ends as if undisturbed', {
      tags: ['long'],
      timeout: LONGEST,
    }, async () => {
      const [a, b] = [numberedFile('largea', LARGE_ROWS), numberedFile('largeb', LARGE_ROWS)];
      // Another transaction holds a row near the end of each large job, so that both run until it ends.
      const gate = Math.floor(LARGE_ROWS * 0.95);
      const others: Sent[] = [];
      let next = 0;
      const sendSome = async (count: number) => {
        for (; count > 0 && next < JOBS - 2; count--, next++)
          others.push(await send(numberedFile(`j${next}`, ROWS[next % 2]!), next));
      };
      const [first, second] = await transaction(site.pool, async (db) => {
        for (const tag of ['largea', 'largeb'])
          await db.query(
            `set local idle_in_transaction_session_timeout = 0;
           insert into customers (job_id, name, email, company)
           select id, 'n', '${emailIn(tag, gate)}', 'c' from jobs limit 1`,
          );
        const large = [await send(a, 0), await send(b, 1)] as const;
        const share = Math.ceil((JOBS - 2) / 7);
        await sendSome(share);
        const [held, frozen] = [await holderOf(large[0].id), await holderOf(large[1].id)];

        let before = [await attemptOf(large[0].id), await attemptOf(large[1].id)] as const;
        await held.host.kill();
        frozen.freeze();
        await sendSome(share);
        // Hosts come and go: one with the same name, and the same PIDs as the previous one.
        workers.push(await site.start(held.host.name, 'worker'));
        await takenOver(large[0].id, before[0]);
        await takenOver(large[1].id, before[1]);
        frozen.thaw();
        await frozen.daemon.logged(/no longer this worker's|another attempt has taken over the job/);

        await sendSome(share);
        before = [await attemptOf(large[0].id), await attemptOf(large[1].id)];
        const unplugged = await holderOf(large[0].id);
        await unplugged.host.setCable('down');
        await takenOver(large[0].id, before[0]);
        await unplugged.host.setCable('up');

        await sendSome(share);
        const silent = await holderOf(large[1].id);
        await silent.host.cutFrom(site.redis);
        await takenOver(large[1].id, before[1]);
        await silent.host.heal(site.redis);

        await sendSome(share);
        before = [await attemptOf(large[0].id), await attemptOf(large[1].id)];
        const lost = await holderOf(large[0].id);
        await lost.host.cutFrom(site.postgres);
        await takenOver(large[0].id, before[0]);
        // It takes no more jobs; the others do.
        const meanwhile = await send(numberedFile('meanwhile', ROWS[0]!), 0);
        await ended(meanwhile);
        await lost.host.heal(site.postgres);

        // The APIs: one is cut off from Redis, the other one is killed.
        await sendSome(share);
        await apis[1]!.host.cutFrom(site.redis);
        const unheard = await send(numberedFile('unheard', ROWS[0]!), 1);
        await ended(unheard);
        await apis[1]!.host.heal(site.redis);
        await apis[0]!.host.kill();
        apis[0] = await site.start('api1', 'api');
        await sendSome(share);
        await db.query('rollback');
        return large;
      });
      for (const each of [first, second, ...others]) await ended(each);
      const { rows } = await site.pool.query('select status, count(*) from jobs group by status');
      expect(rows).toHaveLength(1);
    });

    test('a cancel through one API ends a job on another host, and the job is undone through the other', async () => {
      const sent = await send(numberedFile('undone', 50_000), 0);
      await until('some of it is loaded', async () => {
        const { rows } = await site.pool.query('select processed_rows as rows from jobs where id = $1', [
          sent.id,
        ]);
        return rows[0].rows > 0;
      });
      await fetch(apis[1]!.url + paths.cancel(sent.id), { method: 'POST' });
      const { rows } = await site.pool.query('select status from jobs where id = $1', [sent.id]);
      if (rows[0].status === 'cancelled')
        await until('its host has let it go', () =>
          workers.some(({ daemon }) =>
            daemon
              .log()
              .some(
                ({ msg, jobId }) =>
                  jobId === sent.id &&
                  /no longer this worker's|another attempt has taken over the job/.test(msg),
              ),
          ),
        );
      const undone = await fetch(apis[0]!.url + paths.undo(sent.id), { method: 'POST' });
      expect(undone.status, await undone.text()).toBe(200);
      const left = await site.pool.query(`select from customers where email like '%@undone.test'`);
      expect(left.rowCount).toBe(0);
    });
  },
);

test.skipIf(lacks)('a host whose tests were killed leaves nothing behind', async () => {
  const script = `
    const { spawn } = require('node:child_process');
    const [command, ...args] = ${JSON.stringify(HOST_COMMAND)};
    console.log(spawn(command, args, { stdio: 'ignore' }).pid); setInterval(() => {}, 1000);`;
  const tests = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(tests.stdout, 'data');
  const holder = Number(said);
  const child = await until('the host is up', () => {
    const first = Number(readFileSync(`/proc/${holder}/task/${holder}/children`, 'utf8'));
    // unshare(1) requests to end with its parent after the fork and before it becomes `sleep`.
    return first > 0 && readFileSync(`/proc/${first}/comm`, 'utf8') === 'sleep\n' && first;
  });
  tests.kill('SIGKILL');
  await until('its processes have ended', () => [holder, child].every((pid) => !isAlive(pid)));
});

/** A process that has exited exists until its parent reaps it. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
