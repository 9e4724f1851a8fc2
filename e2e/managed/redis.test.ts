/** Redis as managed services run it: TLS with client certificates, a user with few rights, Sentinel. */
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { makeCertificates } from '../../packages/daemon/test/support/certificates.js';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { freePort } from '../../packages/daemon/test/support/freePort.js';
import { startSentinelled } from '../../packages/daemon/test/support/sentinel.js';
import { type Bench, openBench } from '../faults/support/bench.js';
import { completed, readiness, upload } from '../faults/support/client.js';
import { dirtyFile } from '../faults/support/dirtyFile.js';
import { openStream } from '../faults/support/eventStream.js';
import { expectUndisturbed, putKnown, storedJob } from '../faults/support/oracle.js';
import { until } from '../faults/support/until.js';

const file = dirtyFile(55, 400);
const other = dirtyFile(56, 100, 'b');

let bench: Bench;
afterEach(() => bench.finish());

/** Uploads the file and follows it live: most of the events are from a running job. */
async function followed(url: string): Promise<string> {
  await putKnown(bench.pool, file);
  const id = await upload(url, file.bytes);
  const stream = await openStream(url, id);
  await completed(url, id);
  await stream.over;
  const seen = new Set(stream.events.map(({ progress }) => progress.processedRows));
  expect(seen.size).toBeGreaterThan(3);
  await expectUndisturbed(bench, id, file);
  return id;
}

test('with TLS and client certificates; readyz reports an untrusted certificate', LONG, async () => {
  const certificates = await makeCertificates();
  const { ca, otherCa, server, client } = certificates;
  const port = await freePort();
  bench = await openBench({
    redis: [
      ...['--tls-port', String(port), '--bind', '127.0.0.1', '--tls-auth-clients', 'yes'],
      ...['--tls-cert-file', server.cert, '--tls-key-file', server.key, '--tls-ca-cert-file', ca.cert],
    ],
  });
  const environment = {
    REDIS_URL: `rediss://localhost:${port}`,
    REDIS_TLS_CA: ca.cert,
    REDIS_TLS_CERT: client.cert,
    REDIS_TLS_KEY: client.key,
    BATCH_ROWS: '10',
  };
  await followed(await bench.daemon(environment).url());
  const wrong: [Record<string, string>, RegExp][] = [
    [{ REDIS_TLS_CA: otherCa.cert }, /give the authority of Redis as REDIS_TLS_CA/],
    [
      { REDIS_TLS_CERT: '', REDIS_TLS_KEY: '' },
      /give a client certificate as REDIS_TLS_CERT and REDIS_TLS_KEY/,
    ],
  ];
  for (const [more, words] of wrong) {
    const daemon = bench.daemon({ ...environment, ...more }, { args: ['--role', 'api'] });
    await daemon.logged(words);
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toBe(0);
  }
});

test('a user with exactly the rights in docs/operations.md is sufficient', LONG, async () => {
  const docs = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const [, rights = ''] = /^user csvjobs on >PASSWORD (.*)$/m.exec(docs)!;
  const port = await freePort();
  bench = await openBench({ redis: ['--port', String(port), '--bind', '127.0.0.1'] });
  const admin = new Redis({ path: bench.redisServer.path });
  onTestFinished(() => admin.disconnect());
  await admin.call('ACL', 'SETUSER', 'csvjobs', 'on', '>planted-password-of-redis', ...rights.split(' '));
  const environment = {
    REDIS_URL: `redis://csvjobs:planted-password-of-redis@127.0.0.1:${port}`,
    QUEUE_PREFIX: 'csvjobs',
    BATCH_ROWS: '10',
  };
  const daemon = bench.daemon({ ...environment, CSVJOBS_FAILPOINTS: 'before-commit:5=throw' });
  const url = await daemon.url();
  await followed(url);
  // An attempt failed, so the job waited in the queue and was delivered again.
  await daemon.logged('job failed and will be tried again');
  expect((await readiness(url)).checks.redis!.ok).toBe(true);
  const refused = (await admin.call('ACL', 'LOG')) as unknown[];
  expect(refused).toEqual([]);
  const narrow = new Redis(environment.REDIS_URL);
  onTestFinished(() => narrow.disconnect());
  for (const command of [
    ['GET', 'other'],
    ['SUBSCRIBE', 'other'],
    ['FLUSHALL'],
    ['CONFIG', 'GET', '*'],
    ['KEYS', '*'],
  ])
    await expect(narrow.call(...(command as [string])), command[0]).rejects.toThrow(/^NOPERM/);
});

test('Sentinel: the primary dies in mid-job, with a job missing on its replica', LONG, async () => {
  const servers = await startSentinelled();
  onTestFinished(() => servers.stop());
  bench = await openBench();
  const daemon = bench.daemon({ ...servers.environment, BATCH_ROWS: '10' });
  const url = await daemon.url();
  await putKnown(bench.pool, file);
  await putKnown(bench.pool, other);
  const id = await upload(url, file.bytes);
  await until('some is loaded', async () => (await storedJob(bench.pool, id)).processed >= 20);
  await servers.separate();
  const waiting = await upload(url, other.bytes);
  await servers.primary.kill();
  await until('the daemon has the new primary', async () => (await readiness(url)).checks.redis!.ok);
  await completed(url, id);
  await completed(url, waiting);
  await expectUndisturbed(bench, id, file);
  await expectUndisturbed(bench, waiting, other);
});
