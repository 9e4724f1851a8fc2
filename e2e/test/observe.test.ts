/** What the real daemon reports while it works: metrics, timings, and a log without secrets and values. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Job, problemSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { csvjobsWith } from '../support/cli.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

const TOKEN = 'planted-token-of-the-environment';
const repository = resolve(import.meta.dirname, '../..');

let place: Place;
let daemon: RunningDaemon;
let client: Record<string, string>;

beforeAll(async () => {
  place = await openPlace();
  const { host, user, port, database: name } = place.database.connection;
  daemon = await place.start({
    // trust: any password works, and this one must not appear anywhere.
    DATABASE_URL: `postgres://${user}:planted-password@localhost:${port}/${name}?host=${encodeURIComponent(host)}`,
    API_TOKEN: TOKEN,
  });
  client = { CSVJOBS_URL: daemon.url, CSVJOBS_TOKEN: TOKEN };
});
afterAll(() => place?.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(daemon.url + path, { headers: { Authorization: `Bearer ${TOKEN}`, ...headers } });

/** Samples by name and labels, as they appear in the text. */
async function metrics(): Promise<Map<string, number>> {
  const text = await (await get('/metrics')).text();
  return new Map(
    [...text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm)].map(([, sample, value]) => [sample!, Number(value)]),
  );
}

async function upload(text: string, name = 'planted-name.csv'): Promise<{ code: number | null; id: string }> {
  const file = join(place.folder, name);
  await writeFile(file, text);
  const { code, stdout } = await csvjobsWith(client, 'upload', file, '--watch');
  return { code, id: stdout.trim() };
}

test('metrics follow the work, and break down the time of a job', async () => {
  const before = await metrics();
  const rows = Array.from({ length: 300 }, (_, n) => `Name ${n},n${n}@example.org,ACME`);
  const text = [
    'name,email,company',
    ...rows,
    ',no-name@example.org,ACME',
    'Twice,n1@example.org,ACME',
    '',
  ].join('\n');
  const begun = performance.now();
  const { code, id } = await upload(text);
  const took = performance.now() - begun;
  expect(code).toBe(3);
  const moved = async (sample: string) =>
    ((await metrics()).get(sample) ?? Number.NaN) - (before.get(sample) ?? 0);

  await expect.poll(() => moved('csvjobs_rejects_total{code="required"}')).toBe(1);
  expect(await moved('csvjobs_rejects_total{code="duplicate_in_file"}')).toBe(1);
  expect(await moved('csvjobs_rows_total{outcome="loaded",table="customers"}')).toBe(300);
  expect(await moved('csvjobs_rows_total{outcome="rejected",table="customers"}')).toBe(2);
  expect(await moved('csvjobs_bytes_total')).toBe(Buffer.byteLength(text));
  expect(await moved('csvjobs_upload_bytes_total')).toBe(Buffer.byteLength(text));
  expect(await moved('csvjobs_upload_seconds_count')).toBe(1);
  expect(await moved('csvjobs_batch_seconds_count')).toBe(1);
  expect(await moved('csvjobs_jobs{status="completed"}')).toBe(1);
  expect(await moved('csvjobs_jobs_ended_total{status="completed"}')).toBe(1);
  expect(await moved('csvjobs_job_seconds_count{phase="loading"}')).toBe(1);
  expect(
    await moved('csvjobs_http_requests_total{method="POST",route="/api/jobs/upload",status="202"}'),
  ).toBe(1);
  const now = await metrics();
  expect(now.get('csvjobs_database_up')).toBe(1);
  expect(now.get('csvjobs_queue_depth')).toBe(0);
  expect(now.get('csvjobs_queue_oldest_seconds')).toBe(0);
  expect(now.get('nodejs_eventloop_lag_seconds')).toBeDefined();
  expect(now.get('csvjobs_pool_connections{state="idle"}')).toBeGreaterThan(0);

  const job = (await (await get(`/api/jobs/${id}`)).json()) as Job;
  const { queuedMs, readingMs, loadingMs } = job.timings!;
  for (const ms of [queuedMs, readingMs, loadingMs]) expect(ms).toBeGreaterThanOrEqual(0);
  expect(queuedMs + readingMs + loadingMs).toBeLessThanOrEqual(took);
  expect(queuedMs + readingMs + loadingMs).toBeGreaterThan(0);
  expect((await csvjobsWith(client, 'show', id)).stdout).toMatch(/Time +queued .*, reading .*, loading /);
});

test('open streams are counted', async () => {
  const id = '00000000-0000-4000-8000-000000000001';
  await place.database.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, total_rows) values ($1, 'x', 1, $2, 'processing', 1)`,
    [id, 'a'.repeat(64)],
  );
  // Visible only to this test: the recovery would queue it.
  const watching = await get(`/api/jobs/${id}/stream`);
  await expect.poll(async () => (await metrics()).get('csvjobs_streams_open')).toBe(1);
  await watching.body!.cancel();
  await expect.poll(async () => (await metrics()).get('csvjobs_streams_open')).toBe(0);
  await place.database.pool.query('delete from jobs where id = $1', [id]);
});

describe('dashboards and alerts under deploy/', () => {
  const queries = async () => {
    const dashboard = JSON.parse(
      await readFile(join(repository, 'deploy/grafana-dashboard.json'), 'utf8'),
    ) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const alerts = parse(await readFile(join(repository, 'deploy/alerts.yml'), 'utf8')) as {
      groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
    };
    const rules = alerts.groups.flatMap((group) => group.rules);
    for (const { alert, annotations } of rules) {
      expect(alert).toMatch(/^Csvjobs\w+$/);
      expect(Object.keys(annotations)).toEqual(['summary', 'description']);
    }
    return [
      ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
      ...rules.map(({ alert, expr }) => [alert, expr] as const),
    ];
  };

  test('use only metrics and labels that the daemon exports', async () => {
    await upload('name,email,company\nAda,watch@example.com,Engines\n');
    const exported = new Map<string, Set<string>>();
    for (const sample of (await metrics()).keys()) {
      const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(sample)!;
      const names = exported.get(name!) ?? new Set(['instance', 'job']);
      for (const [, label] of labels.matchAll(/(\w+)="/g)) names.add(label!);
      exported.set(name!, names);
    }
    const asked = await queries();
    expect(asked.length).toBeGreaterThan(20);
    for (const [where, expr] of asked) {
      const used = [...expr.matchAll(/\b((?:csvjobs|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)];
      if (where !== 'CsvjobsDown') expect(used.length, `${where}: ${expr}`).toBeGreaterThan(0);
      for (const [, name, matchers = ''] of used) {
        expect([...exported.keys()], where).toContain(name);
        for (const [, label] of matchers.matchAll(/(\w+)(?==)/g))
          expect([...exported.get(name!)!], `${where}: ${name}`).toContain(label);
        for (const [, labels] of expr.matchAll(/by \(([^)]*)\)/g))
          for (const label of labels!.split(/, */))
            expect([...exported.get(name!)!], `${where}: ${name}`).toContain(label);
      }
    }
  });
});

describe('the log', () => {
  test('has the ID of a failed request, as its answer does', async () => {
    const response = await get('/api/jobs/nonsense', { 'X-Request-Id': 'from-a-proxy-7' });
    expect(response.headers.get('x-request-id')).toBe('from-a-proxy-7');
    expect(problemSchema.parse(await response.json()).requestId).toBe('from-a-proxy-7');
    await expect
      .poll(() => daemon.log.some((line) => line.includes('"requestId":"from-a-proxy-7"')))
      .toBe(true);
  });

  test('has file names without control characters, as do headers and the command line', async () => {
    const form = new FormData();
    // ESC, an operating system command, CSI as one character, a right-to-left override, a path.
    const name = '../\u001b[31mevil\u001b]0;title\u0007\u009b2J\u202egnp.csv';
    form.set('file', new File(['name,email,company\nEve,eve@example.org,ACME\n'], name));
    const answer = await fetch(`${daemon.url}/api/jobs/upload`, {
      method: 'POST',
      body: form,
      headers: { Authorization: `Bearer ${TOKEN}` },
    });
    const { jobId } = (await answer.json()) as { jobId: string };
    const report = await get(`/api/jobs/${jobId}/errors.csv`);
    const uploaded = (each: string) => each.includes(jobId) && each.includes('job uploaded');
    await expect.poll(() => daemon.log.find(uploaded)).toBeDefined();
    const line = daemon.log.find(uploaded)!;
    const list = await csvjobsWith(client, 'list');
    for (const text of [line, report.headers.get('content-disposition')!, list.stdout]) {
      expect(text).toContain('evil');
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]|\\u00|\.\.\//u);
    }
  });

  test('has the job ID on each line about a job, and never a secret, a DSN or a value of a row', async () => {
    const planted = ['planted-cell', 'planted-token', 'planted-password', 'postgres://', 'unix://'];
    const good = 'planted-cell-1,planted-cell-1@example.org,planted-cell-1';
    const bad = '"planted-cell-2,planted-cell-2,planted-cell-2';
    const nul = 'planted-cell-3\u0000,planted-cell-3@example.org,x';
    const { id } = await upload(`name,email,company\n${good}\n${good}\n${bad}\n${nul}\n`);
    // A refused file, and one whose job fails.
    await upload('planted-cell-4,planted-cell-5\nplanted-cell-6,x\n');
    await get(`/api/jobs/${id}/errors.csv`, { Authorization: 'Bearer planted-token-that-is-wrong' });
    // PostgreSQL's own error about a value: its detail has the row.
    await place.database.pool.query(
      `alter table customers add constraint planted check (name <> 'planted-cell-7') not valid`,
    );
    const failed = await upload('name,email,company\nplanted-cell-7,planted-cell-7@example.org,x\n');
    await place.database.pool.query('alter table customers drop constraint planted');
    expect(failed.code).toBe(5);
    await expect.poll(() => daemon.log.filter((line) => line.includes('"job failed"')).length).toBe(1);

    for (const line of daemon.log) for (const value of planted) expect(line).not.toContain(value);
    const about = daemon.log.map((line) => JSON.parse(line)).filter(({ msg }) => /^(the )?job /.test(msg));
    expect(about.length).toBeGreaterThan(5);
    for (const line of about) expect(line).toHaveProperty('jobId');
  });
});
