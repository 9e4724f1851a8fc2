/** `csvjobs check` and a real upload of the same file agree on every reject and on the exit code. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dirtyFile } from '../../packages/daemon/test/pipeline/support/dirtyFile.js';
import { inShortIf, sized } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let daemon: RunningDaemon;

beforeAll(async () => {
  place = await openPlace();
  daemon = await place.start();
});
afterAll(() => place?.close());

const utf16 = (text: Buffer) => Buffer.from(`\ufeff${text}`, 'utf16le');

/** The short form has one, and a header that is refused; the pipeline's checkFile.test.ts compares more kinds of files. */
const SHORT = ['dirty'];

const FILES: [name: string, bytes: Buffer, limit: string[]][] = [
  ['dirty', dirtyFile(11, sized(1_500, 30_000)), []],
  ['dirty in UTF-16', utf16(dirtyFile(12, sized(500, 3_000))), []],
  ['within the limit', dirtyFile(13, 100), ['--max-errors', '100%']],
  ['above the limit', dirtyFile(14, 100), ['--max-errors', '1']],
  ['good', Buffer.from('name,email,company\nAnn,ann@good.co,Acme\n'), []],
  ['no columns', Buffer.from('a,b\n1,2\n'), []],
  ['no encoding', Buffer.from('name,email,company\nB\x81b,j@x.example,Acme\n', 'latin1'), []],
  ['windows-1252', Buffer.from('name,email,company\nJos\xe9,j@x.example,Acme\n', 'latin1'), []],
  ['binary', Buffer.from('PK\x03\x04 and more'), []],
];
for (const [name, bytes, limit] of FILES)
  it(name, { tags: SHORT.includes(name) ? ['sized'] : ['long'] }, async () => {
    await place.database.pool.query('truncate customers, job_errors, jobs cascade');
    const file = join(place.folder, 'in.csv');
    await writeFile(file, bytes);
    const check = await csvjobs('http://127.0.0.1:9', 'check', file, '--json', ...limit);
    const upload = await csvjobs(daemon.url, 'upload', file, '--watch', '--quiet', ...limit);
    expect(check.code).toBe(upload.code);

    const told = check.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const last = told.pop();
    if (upload.code === 2) {
      expect(upload.stderr).toContain(last.error.message);
      // The command for another table is that of each.
      expect(upload.stderr).toContain(last.error.why.replace(/; for another one: .*$/, ''));
      return;
    }
    const id = upload.stdout.trim();
    const job = JSON.parse((await csvjobs(daemon.url, 'show', id, '--json')).stdout);
    const { totalRows, successCount, failedCount, source, notices } = job;
    expect(last).toMatchObject({ totalRows, successCount, failedCount, source, notices });
    const report = JSON.parse((await csvjobs(daemon.url, 'errors', id, '--json')).stdout);
    expect(told.map(({ type, file: _file, ...rejection }) => rejection)).toEqual(report);
  });

const HEADERS = [
  ['after the header', 'First Name,Last Name,Email\nZoë,X,z@x.example\n'],
  ['after the header of a long file', `First Name,Last Name,Email\n${'Zoë,X,z@x.example\n'.repeat(20_000)}`],
  ['in the header', 'Prénom,Société\nZoë,X\n'],
] as const;
// In the short form intake/gate.test.ts has long files.
for (const [where, text] of HEADERS)
  it(
    `a header without the columns is refused at once, with non-ASCII letters ${where}`,
    inShortIf(where === 'in the header'),
    async () => {
      await place.database.pool.query('truncate customers, job_errors, jobs cascade');
      const file = join(place.folder, 'in.csv');
      await writeFile(file, text);
      for (const [url, ...args] of [
        ['http://127.0.0.1:9', 'check', file],
        [daemon.url, 'upload', file],
        [daemon.url, 'upload', file, '--watch'],
      ] as const) {
        const { code, stderr } = await csvjobs(url, ...args);
        expect(code).toBe(2);
        expect(stderr).toMatch(/missing columns: (company|name, email); found: /);
        expect(stderr).not.toContain('retry');
      }
      expect((await place.database.pool.query('select from jobs')).rowCount).toBe(0);
    },
  );
