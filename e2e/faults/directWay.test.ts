/** DATABASE_DIRECT_URL while daemons run: readiness and doctor report that it is down, before a job fails. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { type Bench, openBench } from './support/bench.js';
import { readiness } from './support/client.js';
import { type FaultProxy, startProxy } from './support/proxy.js';
import { until } from './support/until.js';

let bench: Bench;
let direct: FaultProxy;
beforeEach(async () => {
  bench = await openBench();
  direct = await startProxy(() => join(bench.address.host, `.s.PGSQL.${bench.address.port}`));
});
afterEach(async () => {
  await bench.finish();
  await direct.close();
});

test(
  'the direct connection goes down: a worker is not ready, an API warns, and doctor says what to do',
  LONG,
  async () => {
    const { user, database } = bench.address;
    const environment = {
      DATABASE_DIRECT_URL: `postgres://${user}:planted-password-of-the-database@127.0.0.1:${direct.port}/${database}`,
    };
    const daemon = (role: string) =>
      bench.daemon({ ...environment, DATA_DIR: join(bench.folder, role) }, { args: ['--role', role] }).url();
    const [worker, api] = await Promise.all([daemon('worker'), daemon('api')]);
    expect((await readiness(worker)).checks.direct).toEqual({
      ok: true,
      message: 'leads to the same database',
    });
    expect(await readiness(api)).toMatchObject({ ready: true, checks: { direct: { ok: true } } });

    direct.refuse();
    const isSeen = async (url: string) => {
      const { ready, checks } = await readiness(url);
      return (!checks.direct?.ok || checks.direct.warning) && { ready, ok: checks.direct?.ok };
    };
    expect(await until('the worker sees it', () => isSeen(worker))).toEqual({ ready: false, ok: false });
    expect(await until('the API sees it', () => isSeen(api))).toEqual({ ready: true, ok: true });
    const doctor = await csvjobs(worker, 'doctor');
    expect(doctor.code).toBe(6);
    expect(doctor.stdout).toMatch(/✗ direct .*\n +next: fix DATABASE_DIRECT_URL of the daemon/);
    expect((await csvjobs(api, 'doctor')).code).toBe(1);

    direct.admit();
    await until('both are well again', async () => {
      const all = await Promise.all([readiness(worker), readiness(api)]);
      return all.every(({ ready, checks }) => ready && !checks.direct?.warning);
    });
  },
);
