/** `csvjobs undo` and `csvjobs rows`, with the real program. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../../daemon/test/support/form.js';
import { undoLines } from '../../src/text/undone.js';
import { refuse } from '../peer/answers.js';
import { makeTable } from '../peer/tables.js';
import { Peer } from '../peer.js';
import { csvjobs, folder } from '../spawn.js';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());
const run = (...args: string[]) => csvjobs(args, { env: { CSVJOBS_URL: peer.url } });
const posts = () => peer.seen.filter(({ method }) => method === 'POST').map(({ url }) => url);

const LINES = `92 rows  removed
 2 rows  left, referenced by sales.orders (orders_fkey), such as id = 17
  1 row  left, refused by the table: new row for relation "t" violates check constraint "price_check" (23514), such as id = 18
  1 row  left, changed since
 4 rows  not found as loaded: deleted or changed since
`;

const NONE = {
  ...{ removed: 0, restored: 0, referenced: 0, references: [], refused: 0, refusals: [] },
  ...{ kept: 0, changed: 0, missing: 0 },
};

test('rows that a trigger has changed in the undo are not called restored as before the job', () => {
  const lines = (restored: number, columns: string[]) =>
    undoLines({ ...NONE, restored, altered: { rows: 2, columns } });
  expect(lines(3, ['updated_at', 'version'])).toEqual([
    '0 rows  removed',
    ' 1 row  restored as before the job',
    '2 rows  restored, but triggers of the table changed updated_at, version',
  ]);
  expect(lines(2, ['last seen', 'né']).at(-1)).toBe(
    '2 rows  restored, but triggers of the table changed "last seen", né',
  );
  expect(undoLines({ ...NONE, restored: 12, altered: { rows: 12, columns: ['updated_at'] } }, 40)).toEqual([
    ' 0 rows  removed',
    '12 rows  restored, but triggers of the',
    '         table changed updated_at',
  ]);
  const references = [{ constraint: 'r_fkey', table: 'r', rows: 1, example: '' }];
  expect(undoLines({ ...NONE, referenced: 1, references }).at(-1)).toBe(
    ' 1 row  left, referenced by r (r_fkey)',
  );
  expect(lines(2, [])).toEqual([
    '0 rows  removed',
    '2 rows  restored, but triggers of the table changed values',
  ]);
});

test('where row security may hide rows, missing ones are not called deleted or changed', () => {
  expect(undoLines({ ...NONE, missing: 2, unseenBy: 'loader' })).toEqual([
    '0 rows  removed',
    '2 rows  not found as loaded: deleted or changed since, or not visible to the role loader (row security)',
  ]);
});

test('in a pipe undo requires --yes or --dry-run', async () => {
  const { id } = peer.addJob({ successCount: 100 });
  expect(await run('undo', id)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(
      `next: csvjobs undo ${id.slice(0, 8)} --yes, or csvjobs undo ${id.slice(0, 8)} --dry-run to see which rows would be removed\n`,
    ),
  });
  expect(posts()).toEqual([]);
  const dry = await run('undo', id, '--dry-run');
  expect(dry).toMatchObject({ code: 0, stdout: LINES });
  expect(dry.stderr).toContain('Nothing was changed: this was a dry run.\n');
  const child = 'The fixed rows of job 11111111 stay; to undo them too: csvjobs undo 11111111\n';
  expect(dry.stderr).toContain(
    `1 row changed since by job 22222222; to undo that first: csvjobs undo 22222222\n${child}`,
  );
  const done = await run('undo', id, '--yes');
  expect(done).toMatchObject({ code: 0, stdout: LINES });
  const short = id.slice(0, 8);
  expect(done.stderr).toBe(
    `To undo the rest later: csvjobs undo ${short}\n1 row changed since by job 22222222; to undo that first: csvjobs undo 22222222, then csvjobs undo ${short}\n${child}`,
  );
  expect(posts()).toEqual([`/api/jobs/${id}/undo?dryRun=true`, `/api/jobs/${id}/undo`]);
});

test('an undo that finds nothing to undo leaves the job unchanged, and fails', async () => {
  const { id } = peer.addJob({ successCount: 8 });
  expect(await run('undo', id, '--dry-run')).toMatchObject({ code: 0 });
  const nothing = await run('undo', id, '--yes');
  expect(nothing).toMatchObject({ code: 5, stdout: expect.stringMatching(/^0 rows +removed\n/) });
  expect(nothing.stderr).toContain('Nothing was undone; the job is unchanged.\n');
  expect((await run('undo', id, '--yes', '--json')).code).toBe(5);
  expect((await run('show', id)).stdout).toMatch(/Status +. completed/);
});

test('an undo of a job that has loaded nothing fails likewise; printing its rows is an error in the command', async () => {
  const { id } = peer.addJob({ successCount: 0 });
  peer.fault = ({ url = '' }, response) => {
    if (!/undo|rows/.test(url)) return false;
    refuse(response, 'nothing_to_undo', 'The job has loaded no rows.');
    return true;
  };
  const next = `next: csvjobs show ${id.slice(0, 8)}\n`;
  expect(await run('undo', id, '--yes')).toMatchObject({ code: 5, stderr: expect.stringContaining(next) });
  expect(await run('rows', id)).toMatchObject({ code: 2, stderr: expect.stringContaining(next) });
});

test('shows an undone job and the next commands', LONG, async () => {
  const { id } = peer.addJob({ successCount: 100 });
  expect((await run('undo', id, '--yes', '--quiet')).stdout).toBe(`${id}\n`);
  const again = await run('undo', id, '--yes');
  expect(again).toMatchObject({ code: 2, stdout: '' });
  expect(again.stderr).toContain(`csvjobs show ${id.slice(0, 8)}`);
  const { stdout } = await run('show', id);
  expect(stdout).toMatch(/Status +↺ undone/);
  expect(stdout).toMatch(/Undone +.*, by ci\n/);
  expect(stdout).toContain('92 rows  removed');
  expect(stdout).toContain(`To load it again: csvjobs retry ${id.slice(0, 8)}`);
  expect((await run('watch', id)).code).toBe(5);
  const running = peer.addJob({ status: 'processing', completedAt: null });
  const refused = await run('undo', running.id, '--yes');
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toContain(`csvjobs cancel ${running.id.slice(0, 8)}`);
});

test('rows: as CSV and NDJSON, with the number of missing ones', async () => {
  const { id } = peer.addJob({ successCount: 5 });
  expect(await run('rows', id)).toMatchObject({
    code: 0,
    stdout: 'id,a\n1,x\n2,"a\nb"\n3,\n',
    stderr: '2 loaded rows not found: deleted since\n',
  });
  const other = peer.addJob({ successCount: 5, table: 'shop.prices' });
  expect((await run('rows', other.id)).stderr).toBe(
    '2 loaded rows not found as loaded: deleted or changed since; shop.prices does not say which\n',
  );
  peer.fault = ({ url = '' }, response) => {
    if (!url.includes('/rows')) return false;
    response.writeHead(200, { 'csvjobs-loaded-rows': '5' }).end('id,a\n');
    return true;
  };
  expect((await run('rows', other.id)).stderr).toBe(
    '5 loaded rows not found as loaded: deleted or changed since, or rewritten with the table by ALTER TABLE; shop.prices does not say which\n',
  );
  peer.fault = undefined;
  peer.tables = [makeTable('shop', 'prices', { rowSecurity: true })];
  expect((await run('rows', other.id)).stderr).toBe(
    '2 loaded rows not found as loaded: deleted or changed since, or not visible to the database role (row security); shop.prices does not say which\n',
  );
  const undone = peer.addJob({ successCount: 5, status: 'undone' });
  expect((await run('rows', undone.id)).stderr).toBe('2 loaded rows not found: the job was undone\n');
  const marked = await run('rows', id, '--with-ids');
  expect(marked.stdout).toMatch(/^csvjobs_job_id,csvjobs_state,id,a\nx,loaded,1,x\nx,changed,2,/);
  expect(peer.seen.at(-2)?.url).toBe(`/api/jobs/${id}/rows.csv?marked=true`);
  const ndjson = '{"id":1,"a":"x"}\n{"id":2,"a":"a\\nb"}\n{"id":3,"a":null}\n';
  expect(await run('rows', id, '--format', 'ndjson')).toMatchObject({ code: 0, stdout: ndjson });
  expect(await run('rows', id, '--json')).toMatchObject({ code: 0, stdout: ndjson, stderr: '' });
  const file = join(folder(), 'rows.csv');
  const saved = await run('rows', id, '-o', file);
  expect(saved).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('(3 rows)') });
  expect(readFileSync(file, 'utf8')).toBe('id,a\n1,x\n2,"a\nb"\n3,\n');
});
