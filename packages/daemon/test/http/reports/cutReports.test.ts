/** An incomplete report never looks complete: to any client, in any format. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { paths, REPORT_FORMATS } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { deleteJob } from '../../../src/sql/deletedJobs.js';
import { inShortIf } from '../../support/form.js';
import { countRejects, type Harness, makeJob, problemFrom, startHarness } from '../harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
  await harness.pool.query(
    `create table noise as select n, (select string_agg(md5(n::text || m::text), '') from generate_series(1, 20) m) as text
     from generate_series(1, $1::int) n`,
    [ROWS],
  );
});
afterAll(() => harness.stop());

/** More than socket buffers hold, even when compressed. */
const ROWS = 60_000;

/** Requests $1 as an HTTP/1.0 client, and prints the response. */
const CLIENT = `exec 3<>"/dev/tcp/127.0.0.1/$0"; printf 'GET %s HTTP/1.0\\r\\n\\r\\n' "$1" >&3; exec cat <&3`;

async function longReport(rows = ROWS): Promise<string> {
  const { id } = await makeJob(harness.pool, { status: 'completed', completed_at: '2026-01-01' });
  await harness.pool.query(
    `insert into job_errors (job_id, row_number, line, code, message, row)
     select $1, n, n, 'required', text, '{}' from noise where n <= $2`,
    [id, rows],
  );
  await countRejects(harness.pool, id);
  return id;
}

describe.each(REPORT_FORMATS)('errors.%s of a job that is deleted during the download', (format) => {
  // In the short form each format in one of the ways.
  const at = REPORT_FORMATS.indexOf(format);
  for (const encoding of ['gzip', 'identity'])
    test(encoding, inShortIf((encoding === 'gzip') === (at === 0) && at < 2), async () => {
      const id = await longReport();
      const answer = await fetch(harness.url + paths.report(id, format), {
        headers: { 'Accept-Encoding': encoding },
      });
      expect(answer.status).toBe(200);
      expect(await deleteJob(harness.pool, id)).toBe(true);
      await expect(buffer(answer.body!)).rejects.toThrow();
      await vi.waitFor(() =>
        expect(
          harness
            .logged()
            .filter(({ code, path }) => code === 'report_cut' && path === paths.report(id, format)),
        ).toMatchObject([{ level: 'info' }]),
      );
    });

  test(
    'for an HTTP/1.0 client, which takes a closed connection as the end, the connection is reset',
    inShortIf(at === 2),
    async () => {
      const id = await longReport();
      // `cat`, because Node's socket takes a reset after a short read as the end (libuv stops reading at a
      // POLLHUP).
      const client = spawn('bash', ['-c', CLIENT, String(harness.port), paths.report(id, format)], {
        env: { ...process.env, LC_ALL: 'C' },
      });
      const errors = text(client.stderr);
      const ended = once(client, 'exit');
      // It stops reading until the job is deleted: a busy machine deletes slower than it sends.
      await once(client.stdout, 'data');
      client.stdout.pause();
      expect(await deleteJob(harness.pool, id)).toBe(true);
      client.stdout.resume();
      expect(await ended).toEqual([1, null]);
      expect(await errors).toContain('Connection reset by peer');
    },
  );
});

test('missing rows at the end cut it too, and are logged as an error', async () => {
  const id = await longReport(2_000);
  await harness.pool.query('delete from job_errors where job_id = $1 and row_number > $2', [id, 1_990]);
  const answer = await fetch(harness.url + paths.report(id, 'json'));
  await expect(answer.text()).rejects.toThrow();
  const line = () => harness.logged().find(({ path }) => path === paths.report(id, 'json'));
  await vi.waitFor(() => expect(line()).toMatchObject({ level: 'error' }));
  expect(JSON.stringify(line())).toContain('1990 rows up to row 1990, but 2000');
});

test('a job deleted before the first row gives 404', async () => {
  const id = await longReport(2_000);
  await deleteJob(harness.pool, id);
  expect(await problemFrom(await fetch(harness.url + paths.report(id)))).toMatchObject({
    code: 'job_not_found',
  });
});
