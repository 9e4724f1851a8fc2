/**
 * A daemon for the tests of the CLI: a real HTTP server that speaks the contract, with faults on demand. Its answers are
 * checked against the API description at the end of each test file, like those of real daemons.
 */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ApiToken,
  type EarlierJob,
  isFinal,
  type Job,
  jobSummarySchema,
  paths,
  progressOf,
  type Rejection,
  type TableDescription,
} from '@csvjobs/shared';
import { parse } from 'yaml';
import { record } from '../../daemon/test/watch/recorder.mjs';
import { watchAnswer } from '../../daemon/test/watch/watched.js';
import { version } from '../src/version.js';
import {
  asTheDaemon,
  defaultRejections,
  defaultReport,
  json,
  originalsOf,
  refuse,
  rejectionsText,
} from './peer/answers.js';
import { receiveForm } from './peer/form.js';
import { DEFAULT_PLAN, type Plan, plannedRejects } from './peer/plan.js';
import { answerPreview, type SeenPreview } from './peer/previewing.js';
import { answerTables, PeerTables } from './peer/tables.js';
import { PeerTokens } from './peer/tokens.js';
import { answerRows, undoResultOf } from './peer/undoing.js';
import { PeerWebhooks } from './peer/webhooks.js';

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  /** Time of arrival: performance.now(). */
  at: number;
}

/** A fault handles the next requests; it returns whether it answered (or cut) this one. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

export interface Upload {
  filename: string;
  bytes: number;
  sha256: string;
  contentLength: string | undefined;
  key: string | undefined;
  contentType: string;
  /** The query of its URL, and the text of its spec. */
  query: string;
  spec: string | undefined;
}

export class Peer {
  readonly jobs = new Map<string, Job>();
  readonly seen: Seen[] = [];
  tables: TableDescription[] = [];
  readonly uploads: Upload[] = [];
  readonly previews: SeenPreview[] = [];
  /** Uploads whose connection ended before their body. */
  cutUploads = 0;
  plan: (filename: string) => Partial<Plan> = () => ({});
  fault: Fault | undefined;
  token: string | undefined;
  /** Whether its token may not manage tokens. */
  lacksScope = false;
  ready = true;
  openStreams = 0;
  /** Whether a worker takes uploaded jobs; otherwise they wait forever. */
  startsUploads = true;
  report: (job: Job) => string | AsyncIterable<string> = defaultReport;
  /** The content of errors.json and errors.ndjson. */
  rejections: (job: Job) => Rejection[] = defaultRejections;

  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #tokens = new PeerTokens();
  readonly webhooks = new PeerWebhooks();
  readonly #newTables = new PeerTables();
  readonly #keys = new Map<string, string>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #boards = new Set<(id: string) => void>();
  readonly #releases = new Map<string, () => void>();
  readonly #released = new Set<string>();
  #closed = false;

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection and stops listening; jobs stay, `listen` restarts it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  cutConnections(): void {
    this.#server.closeAllConnections();
  }

  release(id: string): void {
    this.#released.add(id);
    this.#releases.get(id)?.();
  }

  /** An existing job. */
  addJob(more: Partial<Job> = {}): Job {
    const job: Job = {
      id: randomUUID(),
      filename: 'customers.csv',
      table: 'customers',
      status: 'completed',
      totalRows: 100,
      processedRows: 100,
      successCount: 100,
      failedCount: 0,
      errors: [],
      createdAt: new Date(Date.now() - 60_000).toISOString(),
      startedAt: new Date(Date.now() - 59_000).toISOString(),
      completedAt: new Date(Date.now() - 57_000).toISOString(),
      sizeBytes: 7600,
      sha256: 'a'.repeat(64),
      attempt: 1,
      source: { encoding: 'utf-8', delimiter: ',', compression: 'none' },
      notices: [],
      timings: { queuedMs: 20, readingMs: 100, loadingMs: 2_000 },
      failure: null,
      ...more,
    };
    this.jobs.set(job.id, job);
    return job;
  }

  /** The new tables that were requested and created. */
  get madeTables() {
    return this.#newTables.made;
  }

  /** A token in use. */
  addToken(name: string): ApiToken {
    return this.#tokens.add({ name });
  }

  /** Runs a job by a plan. */
  async start(id: string, given: Partial<Plan> = {}): Promise<void> {
    const plan = { ...DEFAULT_PLAN, ...given };
    this.#update(id, {
      status: 'processing',
      totalRows: plan.rows,
      startedAt: new Date().toISOString(),
      attempt: 1,
      source: { encoding: 'utf-8', delimiter: ',', compression: 'none' },
      notices: plan.notices,
    });
    for (let step = 1; step <= plan.steps; step += 1) {
      if (plan.holdAt === step && !this.#released.has(id))
        await new Promise<void>((resolve) => this.#releases.set(id, resolve));
      await new Promise((resolve) => setTimeout(resolve, plan.stepTime));
      if (this.#closed && plan.holdAt === undefined) return;
      if (this.jobs.get(id)?.status !== 'processing') return;
      const processedRows = Math.round((plan.rows * step) / plan.steps);
      const failedCount = Math.round((plan.bad * step) / plan.steps);
      const successCount = processedRows - failedCount;
      this.#update(id, { processedRows, failedCount, successCount, ...plannedRejects(failedCount, plan) });
    }
    const { mode } = this.jobs.get(id) ?? {};
    if (mode?.hold && plan.end === 'completed') return this.#update(id, { status: 'held', held: HELD });
    const failure = plan.end === 'failed' ? plan.failure : null;
    this.#update(id, { status: plan.end, completedAt: new Date().toISOString(), failure });
  }

  #update(id: string, more: Partial<Job>): void {
    const job = this.jobs.get(id);
    if (!job) return;
    this.jobs.set(id, { ...job, ...more });
    for (const listener of this.#listeners.get(id) ?? []) listener();
    for (const listener of this.#boards) listener(id);
  }

  /** Changes a job as a worker or another client would. */
  change(id: string, more: Partial<Job>): void {
    this.#update(id, more);
  }

  #streamAll(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const send = (id: string) => {
      const job = jobSummarySchema.parse(this.jobs.get(id) ?? this.addJob());
      response.write(`event: job\ndata: ${JSON.stringify({ type: 'job', job })}\n\n`);
    };
    this.#boards.add(send);
    this.openStreams += 1;
    response.on('close', () => {
      this.openStreams -= 1;
      this.#boards.delete(send);
    });
    for (const id of this.jobs.keys()) send(id);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.seen.push({ method, url, headers, at: performance.now() });
    response.setHeader('csvjobs-version', version());
    response.setHeader('x-request-id', randomUUID());
    // Answers of a fault are invented by the test, except problems: these match the daemon's.
    let faulty = true;
    record(request, response, (answer) => {
      if (!faulty || asTheDaemon.has(response)) watchAnswer(answer);
    });
    if (await this.fault?.(request, response)) return;
    faulty = false;
    if (url === '/readyz') {
      const checks = { postgresql: { ok: this.ready, message: this.ready ? '18.4' : 'connection refused' } };
      return json(response, this.ready ? 200 : 503, { ready: this.ready, version: version(), checks });
    }
    if (this.token !== undefined && headers.authorization !== `Bearer ${this.token}`)
      return refuse(response, 'unauthorised', 'The request carries no token that this daemon knows.');
    if (this.lacksScope && /^\/api\/tokens(\/|$)/.test(url))
      return refuse(response, 'forbidden', 'this needs a token of scope admin; this one is for write');
    if (/^\/api\/tokens(\/|$)/.test(url)) return this.#tokens.answer(request, response);
    if (/^\/api\/webhooks(\/|\?|$)/.test(url)) return this.webhooks.answer(request, response);
    if (method === 'POST' && url === paths.tables) return this.#newTables.answer(request, response);
    if (/^\/api\/tables(\/|\?|$)/.test(url))
      return answerTables(this.tables, new URL(url, this.url), response);
    if (method === 'POST' && /^\/api\/jobs\/upload(\?|$)/.test(url)) return this.#upload(request, response);
    if (method === 'POST' && /^\/api\/preview\?/.test(url)) {
      const seen = await answerPreview(request, response);
      if (seen) this.previews.push(seen);
      return;
    }
    if (/^\/api\/jobs\/earlier\?/.test(url)) {
      const { searchParams } = new URL(url, this.url);
      const table = searchParams.get('into') ?? 'customers';
      return json(response, 200, { earlier: this.#earlier(searchParams.get('sha256') ?? '', table) });
    }
    if (url === '/api/jobs/stream') return this.#streamAll(response);
    if (/^\/api\/jobs(\?|$)/.test(url)) return this.#list(new URL(url, this.url), response);
    const [, id = '', action] = /^\/api\/jobs\/([\da-f-]+)(?:\/(.+))?$/.exec(url) ?? [];
    const job = this.jobs.get(id);
    if (!job) return refuse(response, 'job_not_found', `No job has the id ${id}.`);
    if (action === 'stream') return this.#stream(id, response);
    if (action === 'cancel' && method === 'POST') {
      if (job.status === 'completed')
        return refuse(response, 'job_state_conflict', 'The job is completed; it cannot be cancelled.');
      this.#update(id, { status: 'cancelled', completedAt: new Date().toISOString() });
      return json(response, 200, this.jobs.get(id));
    }
    if ((action === 'accept' || action === 'discard') && method === 'POST') {
      if (job.status !== 'held')
        return refuse(response, 'job_state_conflict', `the job is ${job.status} already`);
      const accepts = action === 'accept';
      const held = { ...job.held!, answer: accepts ? ('accepted' as const) : ('discarded' as const) };
      const ends = { status: accepts ? 'completed' : 'cancelled', completedAt: new Date().toISOString() };
      this.#update(id, { ...ends, held } as Partial<Job>);
      return json(response, 200, this.jobs.get(id));
    }
    if (action === 'retry' && method === 'POST') {
      response.setHeader('location', `/api/jobs/${id}`);
      return json(response, 202, job);
    }
    if (/^undo(\?|$)/.test(action ?? '') && method === 'POST') {
      if (!['completed', 'failed', 'cancelled'].includes(job.status))
        return refuse(response, 'job_state_conflict', `job ${id} is ${job.status}`);
      const result = undoResultOf(job, url.endsWith('?dryRun=true'));
      const { jobId, dryRun, inserted, updated, changedBy, children, ...counts } = result;
      const undone = { ...counts, at: new Date().toISOString(), by: 'ci' };
      if (!dryRun && counts.removed > 0) this.#update(id, { status: 'undone', undone });
      return json(response, 200, result);
    }
    const [, rowFormat, marked] = /^rows\.(csv|ndjson)(\?marked=true)?$/.exec(action ?? '') ?? [];
    if (rowFormat !== undefined) return answerRows(rowFormat, marked, response);
    if (action === 'load' && method === 'POST') {
      const { dryRun, ...mode } = job.mode ?? {};
      if (!dryRun) return refuse(response, 'job_state_conflict', `The job ${id} is not a dry run.`);
      const { id: jobId } = this.addJob({ ...job, id: randomUUID(), mode, dryRunId: id, status: 'pending' });
      void this.start(jobId, this.plan(job.filename));
      response.setHeader('location', `/api/jobs/${jobId}`);
      return json(response, 202, { jobId, earlier: null });
    }
    if (action === undefined && method === 'DELETE') {
      this.jobs.delete(id);
      return void response.writeHead(204).end();
    }
    if (/^errors\.original(\?|$)/.test(action ?? '')) {
      response.setHeader('content-disposition', 'attachment; filename="customers.fixed.csv"');
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
      return void response.end(originalsOf(job));
    }
    const format = /^errors\.(csv|json|ndjson)(\?|$)/.exec(action ?? '')?.[1];
    if (format)
      response.setHeader('content-disposition', `attachment; filename="customers-errors.${format}"`);
    if (format === 'json' || format === 'ndjson') {
      const type = format === 'json' ? 'application/json' : 'application/x-ndjson; charset=utf-8';
      response.writeHead(200, { 'content-type': type });
      return void response.end(rejectionsText(this.rejections(job), format));
    }
    if (format === 'csv') {
      response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8; header=present' });
      const report = this.report(job);
      if (action!.endsWith('?safe=spreadsheet')) response.write('\ufeff');
      if (typeof report === 'string') return void response.end(report);
      try {
        // Passed to the system before the next part, so that a cut comes after the sent bytes.
        for await (const part of report) await new Promise((taken) => response.write(part, taken));
        response.end();
      } catch {
        response.destroy();
      }
      return;
    }
    return json(response, 200, job);
  }

  async #upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers } = request;
    const form = await receiveForm(request);
    if (form === 'cut') {
      this.cutUploads += 1;
      return;
    }
    if (form === 'truncated') return refuse(response, 'upload_truncated', 'The last boundary is missing.');
    const { filename, content, spec } = form;
    const into = new URL(request.url ?? '', this.url).searchParams.get('into');
    if (into === null && !content.subarray(0, 100).toString('latin1').toLowerCase().includes('email'))
      return refuse(response, 'header_invalid', 'The header has no column "email". It has: a, b.');
    const resolved = into === null || into.includes('.') ? (into ?? 'customers') : `public.${into}`;
    const key = headers['idempotency-key'] as string | undefined;
    const sha256 = createHash('sha256').update(content).digest('hex');
    this.uploads.push({
      filename,
      bytes: content.length,
      sha256,
      contentLength: headers['content-length'],
      key,
      contentType: headers['content-type'] ?? '',
      query: new URL(request.url ?? '', this.url).search,
      spec,
    });
    const once = new URL(request.url ?? '', this.url).searchParams.get('once') === 'true';
    const earlier = this.#earlier(sha256, resolved);
    let id = this.#keys.get(key ?? '');
    if (id === undefined && once && earlier) {
      if (earlier.status !== 'completed')
        return refuse(response, 'same_file', `Job ${earlier.jobId} has the same file.`);
      response.setHeader('location', `/api/jobs/${earlier.jobId}`);
      return json(response, 200, { jobId: earlier.jobId, earlier, table: resolved });
    }
    if (id === undefined) {
      const fresh = {
        totalRows: 0,
        processedRows: 0,
        successCount: 0,
        startedAt: null,
        completedAt: null,
        source: null,
      };
      id = this.addJob({
        ...fresh,
        filename,
        table: resolved,
        status: 'pending',
        sizeBytes: content.length,
        sha256,
        attempt: 0,
        ...modeIn(spec),
      }).id;
      this.#keys.set(key ?? '', id);
      if (this.startsUploads) void this.start(id, this.plan(filename));
    }
    response.setHeader('location', `/api/jobs/${id}`);
    json(response, 202, { jobId: id, earlier, table: resolved });
  }

  /** The newest job with a file in a table. */
  #earlier(sha256: string, into: string): EarlierJob | null {
    const counts = ({ status, successCount }: Job) =>
      (status !== 'failed' && status !== 'cancelled') || successCount > 0;
    const same = (job: Job) => job.sha256 === sha256 && job.table === into && counts(job);
    const found = [...this.jobs.values()].findLast(same);
    if (!found) return null;
    const { id: jobId, filename, status, createdAt, successCount, failedCount } = found;
    return { jobId, filename, status, createdAt, successCount, failedCount };
  }

  #list({ searchParams }: URL, response: ServerResponse): void {
    const status = searchParams.get('status')?.split(',');
    const table = searchParams.get('table') ?? undefined;
    const jobs = [...this.jobs.values()]
      .reverse()
      .filter(
        (job) => (status?.includes(job.status) ?? true) && (table === undefined || job.table === table),
      );
    const page = jobs.slice(0, Number(searchParams.get('limit') ?? jobs.length));
    const summary = searchParams.get('summary') === 'true';
    json(response, 200, summary ? page.map((job) => jobSummarySchema.parse(job)) : page);
  }

  /** Sends every watcher its newest event once more. */
  repeat(): void {
    for (const listeners of this.#listeners.values()) for (const send of listeners) send();
  }

  #stream(id: string, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    const send = () => {
      const job = this.jobs.get(id);
      if (!job) return;
      const { status, processedRows, totalRows, reading } = job;
      if (status === 'pending' && reading) {
        response.write(`event: reading\ndata: ${JSON.stringify({ jobId: id, ...reading })}\n\n`);
        return;
      }
      const attempt = isFinal(status) ? `-${job.attempt}` : '';
      const event = `id: ${status}-${processedRows}-${totalRows}${attempt}\ndata: ${JSON.stringify(progressOf(job))}`;
      response.write(`${event}\n\n`);
      if (isFinal(status)) response.end();
    };
    listeners.add(send);
    this.openStreams += 1;
    response.on('close', () => {
      this.openStreams -= 1;
      listeners.delete(send);
    });
    send();
  }
}

/** For a held job. */
export const HELD: NonNullable<Job['held']> = {
  until: '2126-11-26T15:04:05.000Z',
  rows: [
    { old: { sku: 'a1', price: '5.00', note: '' }, new: { sku: 'a1', price: '6.00', note: '' } },
    { old: null, new: { sku: 'a3', price: '9.00', note: null } },
  ],
};

/** How the rows of an upload are loaded, by its spec. */
function modeIn(spec: string | undefined): Pick<Job, 'mode'> {
  const { atomic, dryRun, hold, maxErrors } = parse(spec ?? '')?.csvjobs ?? {};
  const mode = {
    ...((atomic || hold) && { atomic: true }),
    ...(hold && { hold }),
    ...(dryRun && { dryRun }),
    ...(maxErrors !== undefined && { maxErrors }),
  };
  return Object.keys(mode).length > 0 ? { mode } : {};
}
