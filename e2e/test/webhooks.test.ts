/** Webhooks with the real programs: the receiver of docs/webhooks.md, TLS with a private CA, the command line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { LONG, skipWithout } from '../../packages/daemon/test/support/form.js';
import { startReceiver, verified } from '../../packages/daemon/test/webhooks/support/receiver.js';
import { csvjobsWith } from '../support/cli.js';
import { startDocsReceiver } from '../support/docsReceiver.js';
import { openPlace, type Place } from '../support/place.js';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place.close());

async function file(name: string): Promise<string> {
  const path = join(place.folder, name);
  await writeFile(path, `name,email,company\nAnn,${name}@b.co,Acme\n`);
  return path;
}

test('the receiver of docs/webhooks.md accepts the daemon’s events, each once', LONG, async () => {
  const receiver = await startDocsReceiver(SECRET);
  onTestFinished(() => receiver.stop());
  const { url } = receiver;

  const daemon = await place.start({ WEBHOOK_URL: url, WEBHOOK_SECRET: SECRET });
  const client = { CSVJOBS_URL: daemon.url };
  expect(await csvjobsWith(client, 'webhooks', 'test')).toMatchObject({
    code: 0,
    stdout: 'default: delivered (204)\n',
  });
  const { code, stdout } = await csvjobsWith(client, 'upload', await file('orders.csv'), '--watch');
  expect(code).toBe(0);
  await vi.waitFor(() => expect(receiver.printed()).toContain('job.completed orders.csv 1\n'));

  // Sent again with the same ID, it is recognised.
  await vi.waitFor(async () => {
    const listed = await csvjobsWith(client, 'webhooks', 'list', '--job', stdout.trim(), '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({ deliveries: [{ status: 'delivered', attempts: 1 }] });
  });
  const { stdout: ids } = await csvjobsWith(client, 'webhooks', 'list', '--job', stdout.trim(), '--quiet');
  expect((await csvjobsWith(client, 'webhooks', 'redeliver', ids.trim())).code).toBe(0);
  await csvjobsWith(client, 'upload', await file('more.csv'), '--watch');
  await vi.waitFor(() => expect(receiver.printed()).toContain('more.csv'));
  expect(receiver.printed().match(/orders\.csv/g)).toHaveLength(1);
  expect(await daemon.stop()).toBe(0);
});

test('a certificate is trusted only if its CA is in NODE_EXTRA_CA_CERTS', LONG, async (context) => {
  if (spawnSync('openssl', ['version']).error) skipWithout(context, 'openssl');
  const [key, cert] = [join(place.folder, 'key.pem'), join(place.folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const tls = { key: readFileSync(key), cert: readFileSync(cert) };
  const receiver = await startReceiver((handler) => createTlsServer(tls, handler!) as never);
  onTestFinished(() => receiver.close());
  const url = `https://localhost:${receiver.port}/`;
  for (const [trusted, code] of [
    [{}, 5],
    [{ NODE_EXTRA_CA_CERTS: cert }, 0],
  ] as const) {
    const daemon = await place.start({ WEBHOOK_URL: url, WEBHOOK_SECRET: SECRET, ...trusted });
    const { code: got, stdout } = await csvjobsWith({ CSVJOBS_URL: daemon.url }, 'webhooks', 'test');
    expect({ got, stdout }).toMatchObject({
      got: code,
      stdout: expect.stringMatching(code === 0 ? /delivered \(204\)/ : /not delivered: TLS: .*self.signed/i),
    });
    await daemon.stop();
  }
  expect(receiver.received).toHaveLength(1);
  verified(SECRET, receiver.received[0]!);
});

test('neither URL nor secret is in the log, the database or the output of the command line', async () => {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const daemon = await place.start({
    WEBHOOK_URL: `${receiver.url}/planted-path?key=planted-key`,
    WEBHOOK_SECRET: SECRET,
  });
  const client = { CSVJOBS_URL: daemon.url };
  expect((await csvjobsWith(client, 'webhooks', 'test')).code).toBe(0);
  expect(receiver.received[0]!.path).toBe('/planted-path?key=planted-key');
  const { stdout } = await csvjobsWith(client, 'webhooks', 'list', '--json');
  const { rows } = await place.database.pool.query('select * from webhook_endpoints');
  const all = [daemon.log.join('\n'), stdout, JSON.stringify(rows)].join('\n');
  expect(all).toContain(receiver.url);
  expect(all).not.toMatch(/planted-|whsec_/);
  await daemon.stop();
});
