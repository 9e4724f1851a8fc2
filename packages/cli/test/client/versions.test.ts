import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { mismatch } from '../../src/client/versions.js';
import { csvjobs } from '../spawn.js';

let server: Server;
afterEach(() => void server?.close());

/** A server that gives this answer to every request, as a daemon of a version. */
async function daemonOf(version: string, body: string): Promise<string> {
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'csvjobs-version': version }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ['1.2.3', '1.9.0', true],
  ['1.2.3', '2.0.0', false],
  ['0.1.0', '0.1.9', true],
  ['0.1.0', '0.2.0', false],
  ['0.1.0', undefined, true],
])('%s and %s are compatible: %s', (own, daemon, well) => {
  expect(mismatch(own, daemon) === undefined).toBe(well);
});

test.each([
  ['newer', '7.0.0'],
  ['older', '0.0.9'],
])('a daemon that is %s (%s) is reported once, and the command continues if it can', async (_, version) => {
  const url = await daemonOf(version, '[]');
  const { code, stderr } = await csvjobs(['list'], { env: { CSVJOBS_URL: url } });
  expect(code).toBe(0);
  expect(stderr.split(`the daemon ${version}: install the same on both sides`)).toHaveLength(2);
  expect((await csvjobs(['list', '--json'], { env: { CSVJOBS_URL: url } })).stderr).toBe('');
});

test('an invalid answer is blamed on the versions', async () => {
  const url = await daemonOf('7.0.0', '[{"another": "form"}]');
  const { code, stderr } = await csvjobs(['list', '--json'], { env: { CSVJOBS_URL: url } });
  expect(code).toBe(1);
  expect(JSON.parse(stderr).error.why).toContain('the daemon 7.0.0');
});
