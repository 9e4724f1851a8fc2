/** The survey of a large file before its first row is loaded: its progress is visible everywhere. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Job, paths } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { csvjobs, startCsvjobs } from '../support/cli.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

const MIB = 1024 * 1024;

let place: Place;
let daemon: RunningDaemon;
beforeAll(async () => {
  place = await openPlace();
  // The survey stops after its second MiB: long enough for all checks.
  daemon = await place.start({ NODE_ENV: 'test', CSVJOBS_FAILPOINTS: 'survey-step:2=delay/600000' });
});
afterAll(() => place?.close());

test('in the job, the list, the stream, watch in plain lines, and list --watch', async () => {
  const file = join(place.folder, 'large.csv');
  const rows = Array.from({ length: 100_000 }, (_, row) => `Ann ${row},ann${row}@example.org,Acme\n`);
  const content = `name,email,company\n${rows.join('')}`;
  await writeFile(file, content);
  const watching = startCsvjobs({ CSVJOBS_URL: daemon.url }, 'list', '--watch');
  let board = '';
  watching.child.stdout.on('data', (chunk) => {
    board += chunk;
  });
  const { stdout } = await csvjobs(daemon.url, 'upload', file);
  const id = stdout.trim();
  const stream = await fetch(daemon.url + paths.stream(id));
  let events = '';
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const read = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) events += part.value;
  })();
  const reading = { readBytes: 2 * MIB, totalBytes: content.length, pass: 1 };
  const job = async () => (await (await fetch(daemon.url + paths.job(id))).json()) as Job;

  await vi.waitFor(async () => expect((await job()).reading).toEqual(reading));
  expect(await job()).toMatchObject({ status: 'pending', totalRows: 0 });
  const listed = (await (await fetch(daemon.url + paths.jobs)).json()) as Job[];
  expect(listed.map((each) => each.reading)).toEqual([reading]);
  const [whole] = (content.length / 1e6).toPrecision(3).split(' ');
  const { stdout: shown } = await csvjobs(daemon.url, 'show', id);
  expect(shown).toContain(`not counted yet: reading the file: 2.10 of ${whole} MB`);
  await vi.waitFor(() => expect(board).toContain(`pending, reading the file: 2.10 of ${whole} MB`));
  watching.child.kill('SIGINT');
  await watching.ended;

  await fetch(daemon.url + paths.cancel(id), { method: 'POST' });
  await read;
  expect(events).not.toMatch(/"status":"processing"/);
  expect((await job()).status).toBe('cancelled');
  expect(await job()).not.toHaveProperty('reading');
});
