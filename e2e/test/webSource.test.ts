/** A file on the web, through the real command line into the real daemon: broken connections, gzip, an early refusal. */
import { gzipSync } from 'node:zlib';
import type { Job } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebServer } from '../../packages/cli/test/client/webServer.js';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { makeCustomers } from '../support/customers.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let daemon: RunningDaemon;
let web: WebServer;
beforeAll(async () => {
  place = await openPlace();
  [daemon, web] = await Promise.all([place.start(), new WebServer(Buffer.alloc(0)).listen()]);
});
afterAll(() => Promise.all([web?.close(), place?.close()]));

test('loads like a local file, over breaking connections, and its secrets appear nowhere', async () => {
  const made = makeCustomers(20_000, 0.05);
  web.content = gzipSync(made.text);
  web.breaks = [10_000, 100_000];
  const address = web
    .at('/may/customers.csv.gz?sign=planted-secret')
    .replace('http://', 'http://ada:planted-secret@');
  const { code, stdout, stderr } = await csvjobs(daemon.url, 'upload', address, '--watch', '--verbose');
  expect(code, stderr).toBe(3);
  expect(web.breaks).toEqual([]);
  const shown = await csvjobs(daemon.url, 'show', stdout.trim(), '--json');
  expect(JSON.parse(shown.stdout) as Job).toMatchObject({
    filename: 'customers.csv.gz',
    status: 'completed',
    totalRows: 20_000,
    successCount: made.good.size,
  });
  const { rows } = await place.database.pool.query('select jobs::text as row from jobs');
  for (const text of [stdout, stderr, shown.stdout, daemon.log.join(), JSON.stringify(rows)])
    expect(text).not.toMatch(/planted-secret|ada:/);
});

test('a refusal reads like one for a local file, without commands that need one', LONG, async () => {
  web.content = Buffer.from(`a,b\n${'1,2\n'.repeat(100_000)}`);
  const { code, stderr } = await csvjobs(daemon.url, 'upload', web.at('/other.csv'));
  expect(code).toBe(2);
  expect(stderr).toContain('columns');
  expect(stderr).not.toContain('csvjobs map');
});
