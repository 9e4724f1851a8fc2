/** The daemon's API as typed calls. What an upload needs is loaded when there is one. */
import type {
  ApiToken,
  CreatedTable,
  CreatedToken,
  DeliveryStatus,
  EarlierJob,
  Job,
  JobStatus,
  JobSummary,
  NewTable,
  NewToken,
  Preview,
  Readiness,
  Redeliver,
  Rejection,
  TableDescription,
  TableSummary,
  UndoResult,
  Uploaded,
  WebhookDelivery,
  Webhooks,
} from '@csvjobs/shared';
import {
  LOADED_ROWS_HEADER,
  ORIGINAL,
  PAGE_LIMIT,
  paths,
  type ReportFormat,
  type RowFormat,
  VERSION_HEADER,
} from '@csvjobs/shared/paths';
import { type Answered, type AnswerSchema, nextPage, parsed } from './answers.js';
import { type Call, Connection, type ConnectionOptions } from './connection.js';
import { notUnderstood } from './daemonError.js';
import type { HttpAnswer } from './httpCall.js';
import { isJob, isJobList, isSummaryList } from './jobShape.js';
import { jsonLines } from './jsonLines.js';
import { parseJson } from './parseJson.js';
import type { PreviewAs } from './previewing.js';
import type { UploadSource } from './uploadBody.js';
import type { LoadAs, ReadAs, UploadEvents } from './uploading.js';

export type { ReadAs } from './uploading.js';

/** Timeout for an answer that needs a pass over a whole table, in ms: a day. */
const WHOLE_TABLE = 86_400_000;

/** Which jobs to list. */
export interface JobsQuery {
  status?: readonly JobStatus[] | undefined;
  /** The table's name, as jobs show it. */
  table?: string | undefined;
  limit?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Which webhook deliveries to list. */
export interface WebhooksQuery {
  status?: DeliveryStatus;
  endpoint?: string;
  job?: string;
  limit?: number;
}

export interface ReportOptions {
  excel?: boolean;
  /** Called each time the connection breaks, with the last row that arrived complete (0 if none) and the reason. */
  onBreak?: (after: number, why: string) => void;
}

export interface ReadyAnswer {
  readiness: Readiness;
  version: string | undefined;
  /** The daemon's clock, from its Date header. */
  date: Date | undefined;
}

/** One daemon. Errors are UserErrors; an abort throws the signal's reason. */
export class DaemonClient {
  readonly url: URL;
  readonly #connection: Connection;
  readonly #patience: number;

  constructor(options: ConnectionOptions) {
    this.url = options.url;
    this.#connection = new Connection(options);
    this.#patience = options.patience ?? 0;
  }

  /** Lists jobs, newest first: all of them, those with certain statuses, or the newest `limit`. */
  async jobs(query: JobsQuery = {}): Promise<Job[]> {
    return this.#pages(query, PAGE_LIMIT.default, {}, (text) =>
      parsed(this.#connection, paths.jobs, text, 'jobListSchema', isJobList),
    );
  }

  /** Like `jobs`, but only with the fields that a list shows. */
  async summaries(query: JobsQuery = {}): Promise<JobSummary[]> {
    return this.#pages(query, PAGE_LIMIT.most, { summary: 'true' }, (text) =>
      parsed(this.#connection, paths.jobs, text, 'jobSummaryListSchema', isSummaryList),
    );
  }

  async #pages<Shown>(
    { status, table, limit, signal }: JobsQuery,
    most: number,
    more: Record<string, string>,
    read: (text: string) => Promise<Shown[]>,
  ): Promise<Shown[]> {
    const query = new URLSearchParams({ ...more, limit: String(Math.min(limit ?? most, most)) });
    if (status !== undefined) query.set('status', status.join(','));
    if (table !== undefined) query.set('table', table);
    const found: Shown[] = [];
    let path: string | undefined = `${paths.jobs}?${query}`;
    while (path !== undefined && (limit === undefined || found.length < limit)) {
      const answer: HttpAnswer = await this.#connection.call(path, { signal });
      found.push(...(await read(await this.#connection.text(answer))));
      path = nextPage(answer.headers.link);
    }
    return found.slice(0, limit);
  }

  /** One job by its full ID. */
  async job(id: string, signal?: AbortSignal): Promise<Job> {
    return this.#json(paths.job(id), 'jobSchema', { signal }, isJob);
  }

  async cancel(id: string): Promise<void> {
    await this.#connection.text(await this.#connection.call(paths.cancel(id), { method: 'POST' }));
  }

  async retry(id: string): Promise<void> {
    await this.#connection.text(await this.#connection.call(paths.retry(id), { method: 'POST' }));
  }

  /** Commits the rows of a held job. Returns the job, which is still held if the commit takes long. */
  async accept(id: string): Promise<Job> {
    return this.#json(paths.accept(id), 'jobSchema', { method: 'POST', headersTimeout: WHOLE_TABLE });
  }

  /** Rolls back the rows of a held job. */
  async discard(id: string): Promise<void> {
    await this.#connection.text(await this.#connection.call(paths.discard(id), { method: 'POST' }));
  }

  /**
   * Removes the rows of a job from its table; a dry run rolls everything back. It is one transaction, so it may take
   * long.
   */
  async undo(id: string, dryRun: boolean): Promise<UndoResult> {
    const path = paths.undo(id) + (dryRun ? '?dryRun=true' : '');
    return this.#json(path, 'undoResultSchema', { method: 'POST', headersTimeout: WHOLE_TABLE });
  }

  /**
   * Streams the rows that a job has loaded, with ROW_MARKS if `marked`. `loaded` is the number of rows it has loaded,
   * if the daemon states it.
   */
  async rows(
    id: string,
    format: RowFormat,
    marked: boolean,
  ): Promise<{ body: AsyncIterable<Buffer>; loaded: number | undefined }> {
    const path = paths.rows(id, format) + (marked ? '?marked=true' : '');
    const answer = await this.#connection.call(path, { headersTimeout: WHOLE_TABLE });
    const loaded = answer.headers[LOADED_ROWS_HEADER]?.toString();
    return {
      body: this.#connection.explained(answer.body),
      loaded: loaded === undefined ? undefined : Number(loaded),
    };
  }

  /** Loads the file of a dry run. Calling it again returns the same job. */
  async load(id: string): Promise<Uploaded> {
    return this.#json(paths.load(id), 'uploadedSchema', { method: 'POST' });
  }

  /** Deletes a finished job with its report and file. */
  async delete(id: string): Promise<void> {
    await this.#connection.text(await this.#connection.call(paths.job(id), { method: 'DELETE' }));
  }

  /** All tables that can be loaded into, ordered by schema and name. */
  async tables(signal?: AbortSignal): Promise<TableSummary[]> {
    const found: TableSummary[] = [];
    for (let path: string | undefined = paths.tables; path !== undefined; ) {
      const answer: HttpAnswer = await this.#connection.call(path, { signal });
      const text = await this.#connection.text(answer);
      found.push(...(await parsed(this.#connection, paths.tables, text, 'tableListSchema')));
      path = nextPage(answer.headers.link);
    }
    return found;
  }

  /** One table, by its name as people write it (see `readTableName`). */
  async table(name: string): Promise<TableDescription> {
    return this.#json(paths.table(encodeURIComponent(name)), 'tableDescriptionSchema');
  }

  /** All tokens, newest first, without their secrets. */
  async tokens(): Promise<ApiToken[]> {
    return this.#json(paths.tokens, 'tokenListSchema');
  }

  async createToken(token: NewToken): Promise<CreatedToken> {
    return this.#json(paths.tokens, 'createdTokenSchema', jsonPost(token));
  }

  async revokeToken(id: string): Promise<void> {
    await this.#connection.text(await this.#connection.call(paths.token(id), { method: 'DELETE' }));
  }

  /** Webhook endpoints, and the newest deliveries to them. */
  async webhooks(query: WebhooksQuery = {}, signal?: AbortSignal): Promise<Webhooks> {
    const { limit, ...which } = query;
    const wanted = new URLSearchParams({ ...which, ...(limit !== undefined && { limit: String(limit) }) });
    return this.#json(`${paths.webhooks}?${wanted}`, 'webhooksSchema', { signal });
  }

  /** Sends a test to an endpoint. Returns the finished delivery, or a pending one if it takes long. */
  async testWebhook(endpoint: string | undefined): Promise<WebhookDelivery> {
    const body = endpoint === undefined ? {} : { endpoint };
    return this.#json(paths.webhookTest, 'webhookDeliverySchema', jsonPost(body));
  }

  /** Requests redelivery; returns the deliveries that are due as a result. */
  async redeliver(wanted: Redeliver): Promise<WebhookDelivery[]> {
    return (await this.#json(paths.webhookRedeliver, 'redeliveredSchema', jsonPost(wanted))).deliveries;
  }

  async createTable(table: NewTable): Promise<CreatedTable> {
    return this.#json(paths.tables, 'createdTableSchema', jsonPost(table));
  }

  /**
   * Streams the report of rejected rows, across broken connections (wholeReport.ts lists what it throws), with all the
   * rows that the job counts (otherwise reportEnd.ts throws). `excel` makes its cells safe against formulas (CSV only).
   */
  async report(
    id: string,
    format: ReportFormat = 'csv',
    { excel = false, onBreak }: ReportOptions = {},
  ): Promise<AsyncIterable<Buffer>> {
    const open = async (after: number) => {
      const query = new URLSearchParams({
        ...(excel && { safe: 'spreadsheet' }),
        ...(after > 0 && { after: String(after) }),
      });
      const path = paths.report(id, format) + (query.size > 0 ? `?${query}` : '');
      return this.#connection.explained((await this.#connection.call(path)).body);
    };
    const [{ wholeReport }, { mustHaveAll }, { unlessBroken }] = await Promise.all([
      import('./wholeReport.js'),
      import('./reportEnd.js'),
      import('./away.js'),
    ]);
    const { signal } = this.#connection;
    // Read before the report: a running job may have more rows a moment later.
    const job = await unlessBroken(() => this.job(id), { patience: this.#patience, signal });
    const first = await open(0);
    const atEnd = (rows: number) => mustHaveAll(rows, job, () => this.job(id));
    return wholeReport(first, { format, open, patience: this.#patience, signal, onBreak, atEnd });
  }

  /**
   * Streams the rejected records as they stand in the file, under its header, for fixing and uploading again. `excel`
   * makes the cells safe against formulas. Survives broken connections (fromTheStart.ts lists what it throws).
   */
  async originals(
    id: string,
    { excel = false, onBreak }: { excel?: boolean; onBreak?: (why: string) => void } = {},
  ): Promise<AsyncIterable<Buffer>> {
    const path = paths.report(id, ORIGINAL) + (excel ? '?safe=spreadsheet' : '');
    const open = async () => this.#connection.explained((await this.#connection.call(path)).body);
    const { fromTheStart } = await import('./fromTheStart.js');
    const { signal } = this.#connection;
    return fromTheStart(await open(), { open, patience: this.#patience, signal, onBreak });
  }

  /** Streams the rejected rows one by one. */
  async rejections(id: string): Promise<AsyncIterable<Rejection>> {
    return jsonLines(await this.report(id, 'ndjson'));
  }

  /** GET /readyz: ready or not is an answer, not an error. */
  async ready(signal?: AbortSignal): Promise<ReadyAnswer> {
    const answer = await this.#connection.send(paths.ready, { signal, headersTimeout: 10_000 });
    const text = await this.#connection.text(answer);
    const { readinessSchema } = await import('@csvjobs/shared');
    const readiness = readinessSchema.safeParse(parseJson(text)).data;
    if (!readiness) {
      if (answer.statusCode >= 400) throw await this.#connection.refusal(answer.statusCode, text);
      throw notUnderstood(this.url, `its ${paths.ready} has another form`);
    }
    const header = (name: string) => answer.headers[name]?.toString();
    const date = header('date');
    return { readiness, version: header(VERSION_HEADER), date: date ? new Date(date) : undefined };
  }

  /** Returns the newest job that has already loaded the file with this SHA-256 into a table. */
  async earlier(sha256: string, into: string | undefined): Promise<EarlierJob | null> {
    const query = new URLSearchParams({ sha256, ...(into !== undefined && { into }) });
    return (await this.#json(`${paths.earlier}?${query}`, 'earlierSchema')).earlier;
  }

  /** Uploads a file; see uploading.ts. */
  async upload(source: UploadSource, how?: ReadAs & LoadAs, events?: UploadEvents): Promise<Uploaded> {
    const { upload } = await import('./uploading.js');
    return upload(this.#connection, source, how, events);
  }

  /** The first records of a file as they would be stored; see previewing.ts. */
  async preview(source: UploadSource, how: PreviewAs): Promise<Preview> {
    const { preview } = await import('./previewing.js');
    return preview(this.#connection, source, how);
  }

  /** fetch with the daemon's token, for EventSource. */
  streamFetch(extra: () => Record<string, string>) {
    return this.#connection.streamFetch(extra);
  }

  /** Resolves an API path against the address. */
  at(path: string): URL {
    return this.#connection.at(path);
  }

  /** Closes every connection at once. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Makes a call and checks the answer against a schema of @csvjobs/shared. */
  async #json<Name extends AnswerSchema>(
    path: string,
    name: Name,
    call?: Call,
    passesFastCheck?: (value: unknown) => value is Answered<Name>,
  ): Promise<Answered<Name>> {
    const text = await this.#connection.text(await this.#connection.call(path, call));
    return parsed(this.#connection, path, text, name, passesFastCheck);
  }
}

function jsonPost(body: object): Call {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
