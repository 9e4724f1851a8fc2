/** The HTTP server on a real socket, with its own database, Redis and upload folder. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Job, type Problem, type Progress, problemSchema, progressOf } from '@csvjobs/shared';
import { expect, vi } from 'vitest';
import { createAccess } from '../../src/access/access.js';
import { openTableAccess } from '../../src/access/tables.js';
import { type App, type AppDeps, type AppOptions, createApp } from '../../src/http/app.js';
import { type RunningServer, type ServerOptions, startServer } from '../../src/http/server.js';
import { admit } from '../../src/intake/gate.js';
import { createLog } from '../../src/log.js';
import { createMetrics } from '../../src/metrics/metrics.js';
import { rowPlanOf } from '../../src/pipeline/header.js';
import { headerRuleFor } from '../../src/pipeline/headerRule.js';
import { previewFile } from '../../src/pipeline/preview/previewFile.js';
import type { Readers } from '../../src/pipeline/readers.js';
import { createPublisher, type Publisher } from '../../src/progress/publish.js';
import { createSubscriptions } from '../../src/progress/subscribe.js';
import { createTokenNews } from '../../src/progress/tokenNews.js';
import { createSources } from '../../src/sources/sources.js';
import { findJob } from '../../src/sql/jobs.js';
import type { Pool } from '../../src/sql/pool.js';
import { openFolderStore } from '../../src/storage/folder/folderStore.js';
import type { Store } from '../../src/storage/store.js';
import { compiledReaders } from '../pipeline/support/readers.js';
import { insertJobRow } from '../support/jobRow.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { useRedis } from '../support/redis.js';
import { record } from '../watch/recorder.mjs';
import { keepRowsSecret, keepSecret, watchAnswer, watchLog } from '../watch/watched.js';

export interface Harness {
  url: string;
  port: number;
  app: App;
  server: RunningServer;
  pool: Pool;
  /** Its own database, for connections outside its pool. */
  database: TestDatabase['connection'];
  redis: Awaited<ReturnType<typeof useRedis>>;
  publisher: Publisher;
  /** The IDs that were queued. */
  queued: string[];
  /** The log lines. */
  logged(): { level: string; msg: string; [field: string]: unknown }[];
  storage: Store;
  /** Names of all files in the upload folder, including unfinished ones. */
  files(): Promise<string[]>;
  /** The number of jobs. */
  jobs(): Promise<number>;
  stop(): Promise<void>;
}

export interface HarnessOptions {
  app?: Partial<AppOptions>;
  server?: Partial<ServerOptions>;
  deps?: Partial<AppDeps>;
  /** Redis channel on which processes announce token changes; each harness has its own by default. */
  tokenChannel?: string;
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const [database, redis, folder] = await Promise.all([
    createDatabase(),
    useRedis(),
    mkdtemp(join(tmpdir(), 'csvjobs-http-')),
  ]);
  const channel = `${redis.prefix}:progress`;
  const subscribing = await redis.client({ retryStrategy: () => 20 });
  const subscriptions = createSubscriptions(subscribing, { channel });
  await vi.waitFor(() => expect(subscriptions.connected()).toBe(true));
  const publisher = createPublisher(await redis.client(), { channel, intervalMs: 10 });
  const tokenNews = createTokenNews(
    { publishing: await redis.client(), subscribing },
    { channel: options.tokenChannel ?? `${redis.prefix}:tokens`, onError: () => {} },
  );
  const queued: string[] = [];
  const readers = lazyReaders();
  // The real logger, writing into a list.
  const lines: string[] = [];
  watchLog(() => lines);
  const log = createLog('trace', { write: (line) => void lines.push(line) });
  const storage = await openFolderStore(folder);
  const app = createApp({
    pool: database.pool,
    storage,
    sources: createSources(undefined, undefined),
    subscriptions,
    tokenNews,
    access: createAccess({ pool: database.pool, known: [], anonymous: 'until-first-token' }),
    tables: await openTableAccess(database.pool, { targetTables: '*.*', ownServer: true }),
    metrics: createMetrics({ pool: database.pool, version: '1.2.3', role: 'all' }),
    admit: async (file, into) =>
      rowPlanOf(await admit(file, { ...GATE, ...options.app }, headerRuleFor(into))),
    preview: (file) =>
      previewFile(
        { ...database, storage, readers, limits: { ...GATE, batchRows: 10, batchBytes: 1e6 } },
        file,
      ),
    enqueue: async (id) => {
      queued.push(id);
    },
    publish: publisher.publish,
    checks: {},
    version: '1.2.3',
    log,
    ...options.deps,
    options: {
      allowedHosts: ['x'],
      maxUploadBytes: GATE.maxUploadBytes,
      maxStreams: 100,
      lingerMs: 2_000,
      ...options.app,
    },
  });
  const watched: App = {
    ...app,
    handle: (req, res) => {
      keepSecret(/^Bearer (\S{8,})/.exec(req.headers.authorization ?? '')?.[1]);
      record(req, res, watchAnswer);
      app.handle(req, res);
    },
  };
  const server = await startServer(watched, { host: '127.0.0.1', port: 0, ...options.server });
  return {
    url: server.url,
    port: server.port,
    app,
    server,
    pool: database.pool,
    database: database.connection,
    redis,
    publisher,
    queued,
    logged: () => lines.map((line) => JSON.parse(line)),
    storage,
    files: async () =>
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => !entry.isDirectory())
        .map((entry) => entry.name),
    jobs: async () => (await database.pool.query('select count(*) as n from jobs')).rows[0].n,
    stop: async () => {
      await server.close({ graceMs: 0 });
      await keepRowsSecret(database.pool);
      await readers.close();
      await publisher.close();
      subscriptions.close();
      tokenNews.close();
      await redis.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A thread is started only if a test reads a file. */
function lazyReaders(): Readers {
  let readers: Readers | undefined;
  return {
    open: (...args) => {
      readers ??= compiledReaders();
      return readers.open(...args);
    },
    close: async () => readers?.close(),
  };
}

/** The gate's options unless a test sets others. */
export const GATE = { maxUploadBytes: 1_000_000, maxRecordBytes: 100_000, maxDecodedBytes: 1_000_000 };

export const CSV = 'name,email,phone,company\nAda,ada@example.org,,Analytical\n';

/** A multipart body of one file. */
export function form(content: string | Uint8Array = CSV, name = 'customers.csv', field = 'file'): FormData {
  const body = new FormData();
  body.append(field, new Blob([content as Uint8Array<ArrayBuffer>]), name);
  return body;
}

export function upload(
  { url }: Pick<Harness, 'url'>,
  body: FormData = form(),
  headers: Record<string, string> = {},
  query = '',
): Promise<Response> {
  return fetch(`${url}/api/jobs/upload${query}`, { method: 'POST', body, headers });
}

/** A job as an upload leaves it, moved to any state. */
export async function makeJob(pool: Pool, columns: Record<string, unknown> = {}): Promise<Job> {
  const id = await insertJobRow(pool, { filename: 'customers.csv', sha256: 'a'.repeat(64), ...columns });
  return (await findJob(pool, id))!;
}

/** Counts a job's rejects, as the commit that inserts them does. */
export async function countRejects(pool: Pool, id: string): Promise<void> {
  await pool.query(
    `update jobs set failed_count = n, processed_rows = success_count + n
     from (select count(*) as n from job_errors where job_id = $1) counted where id = $1`,
    [id],
  );
}

/** Advances a job in PostgreSQL, as a worker's commit does. */
export async function advanceJob(
  pool: Pool,
  id: string,
  columns: Record<string, unknown>,
): Promise<Progress> {
  const names = Object.keys(columns);
  const set = names.map((name, index) => `${name} = $${index + 2}`);
  // A claim needs its worker's details, otherwise it does not count.
  if (names.includes('attempt')) set.push('claimed_level = worker_level');
  await pool.query(`update jobs set ${set.join(', ')} where id = $1`, [id, ...Object.values(columns)]);
  return progressOf((await findJob(pool, id))!);
}

/** The columns of a job that has loaded this many of 100 records. */
export function processed(rows: number, status = 'processing'): Record<string, unknown> {
  return { status, total_rows: 100, processed_rows: rows, success_count: rows };
}

/** Asserts that a response is a complete problem, consistent with its status. */
export async function problemFrom(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  expect(problem.requestId).toBe(response.headers.get('x-request-id'));
  return problem;
}

/** A raw TCP connection, for what no HTTP client would send. */
export class RawClient {
  text = '';
  ended = false;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (data) => {
      this.text += data.toString();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.ended = true;
    });
  }

  async see(what: string | RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.text).toMatch(what));
  }

  async end(): Promise<void> {
    await vi.waitFor(() => expect(this.ended).toBe(true));
  }
}
