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
import { answerError, notUnderstood } from './daemonError.js';
import type { HttpAnswer } from './httpCall.js';
import { isJob, isJobList, isSummaryList } from './jobShape.js';
import { jsonLines } from './jsonLines.js';
import { parseJson } from './parseJson.js';
import type { PreviewAs } from './previewing.js';
import type { UploadSource } from './uploadBody.js';
import type { LoadAs, ReadAs, UploadEvents } from './uploading.js';

export type { ReadAs } from './uploading.js';

/** How long an answer is waited for that takes a look at a whole table, in ms: a day. */
const WHOLE_TABLE = 86_400_000;

/** Which jobs are asked for. */
export interface JobsQuery {
  status?: readonly JobStatus[] | undefined;
  /** Its name, as jobs have it. */
  table?: string | undefined;
  limit?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Which deliveries of webhooks. */
export interface WebhooksQuery {
  status?: DeliveryStatus;
  endpoint?: string;
  job?: string;
  limit?: number;
}

export interface ReportOptions {
  excel?: boolean;
  /** Told each time that the connection breaks: the last row that came whole (0 for none), and why. */
  onBreak?: (after: number, why: string) => void;
}

export interface ReadyAnswer {
  readiness: Readiness;
  version: string | undefined;
  /** The daemon's clock, by its Date header. */
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

  /** Jobs, newest first: all of them, or those of some statuses, or the newest so many. */
  async jobs(query: JobsQuery = {}): Promise<Job[]> {
    return this.#pages(query, PAGE_LIMIT.default, {}, (text) =>
      parsed(this.#connection, paths.jobs, text, 'jobListSchema', isJobList),
    );
  }

  /** As `jobs`, with as much of each as a list shows. */
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

  /** One job by its whole id. */
  async job(id: string, signal?: AbortSignal): Promise<Job> {
    return this.#json(paths.job(id), 'jobSchema', { signal }, isJob);
  }

  async cancel(id: string): Promise<void> {
    await this.#connection.text(await this.#connection.call(paths.cancel(id), { method: 'POST' }));
  }

  async retry(id: string): Promise<void> {
    await this.#connection.text(await this.#connection.call(paths.retry(id), { method: 'POST' }));
  }

  /** Has the rows of a held job committed; the job as it is then, still held where that takes long. */
  async accept(id: string): Promise<Job> {
    return this.#json(paths.accept(id), 'jobSchema', { method: 'POST', headersTimeout: WHOLE_TABLE });
  }

  /** Has the rows of a held job rolled back. */
  async discard(id: string): Promise<void> {
    await this.#connection.text(await this.#connection.call(paths.discard(id), { method: 'POST' }));
  }

  /** Takes the rows of a job out again; of a dry run all is rolled back. However long it takes: it is one transaction. */
  async undo(id: string, dryRun: boolean): Promise<UndoResult> {
    const path = paths.undo(id) + (dryRun ? '?dryRun=true' : '');
    return this.#json(path, 'undoResultSchema', { method: 'POST', headersTimeout: WHOLE_TABLE });
  }

  /** The rows that a job has loaded, as they come, with ROW_MARKS where they are to be `marked`; how many it has loaded, where the daemon says so. */
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

  /** Loads the file of a dry run. Asked again, the answer is the same job. */
  async load(id: string): Promise<Uploaded> {
    return this.#json(paths.load(id), 'uploadedSchema', { method: 'POST' });
  }

  /** Removes a job that has ended, with its report and file. */
  async delete(id: string): Promise<void> {
    await this.#connection.text(await this.#connection.call(paths.job(id), { method: 'DELETE' }));
  }

  /** All tables that may be loaded into, by schema and name. */
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

  /** One table by its name as people write it, which `readTableName` takes. */
  async table(name: string): Promise<TableDescription> {
    return this.#json(paths.table(encodeURIComponent(name)), 'tableDescriptionSchema');
  }

  /** All tokens, newest first, without themselves. */
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

  /** Has a test sent to an endpoint; the delivery when it has ended, or pending where that takes long. */
  async testWebhook(endpoint: string | undefined): Promise<WebhookDelivery> {
    const body = endpoint === undefined ? {} : { endpoint };
    return this.#json(paths.webhookTest, 'webhookDeliverySchema', jsonPost(body));
  }

  /** Asks for deliveries once more; returns those that are due then. */
  async redeliver(wanted: Redeliver): Promise<WebhookDelivery[]> {
    return (await this.#json(paths.webhookRedeliver, 'redeliveredSchema', jsonPost(wanted))).deliveries;
  }

  async createTable(table: NewTable): Promise<CreatedTable> {
    return this.#json(paths.tables, 'createdTableSchema', jsonPost(table));
  }

  /**
   * The report of rejected rows, as it comes, also when the connection breaks (wholeReport.ts has what is thrown then), and
   * with all the rows that the job knows of (else reportEnd.ts throws);
   * `excel` makes its cells safe against formulas (CSV only).
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
    // Before the report: a job that runs may have more rows a moment later.
    const job = await unlessBroken(() => this.job(id), { patience: this.#patience, signal });
    const first = await open(0);
    const atEnd = (rows: number) => mustHaveAll(rows, job, () => this.job(id));
    return wholeReport(first, { format, open, patience: this.#patience, signal, onBreak, atEnd });
  }

  /**
   * The rejected records as they are in the file, under its header, to be fixed and uploaded again; `excel` makes its cells
   * safe against formulas. It comes whole also when the connection breaks (fromTheStart.ts has what is thrown).
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

  /** The rejected rows, one by one as they come. */
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
      if (answer.statusCode >= 400) throw await answerError(answer.statusCode, text, this.url);
      throw notUnderstood(this.url, `its ${paths.ready} has another form`);
    }
    const header = (name: string) => answer.headers[name]?.toString();
    const date = header('date');
    return { readiness, version: header(VERSION_HEADER), date: date ? new Date(date) : undefined };
  }

  /** The newest job that has a file, by its SHA-256, in a table already. */
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

  /** A path of the API below the address. */
  at(path: string): URL {
    return this.#connection.at(path);
  }

  /** Ends every connection at once. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Asks, and checks the answer against a schema of shared. */
  async #json<Name extends AnswerSchema>(
    path: string,
    name: Name,
    call?: Call,
    surely?: (value: unknown) => value is Answered<Name>,
  ): Promise<Answered<Name>> {
    const text = await this.#connection.text(await this.#connection.call(path, call));
    return parsed(this.#connection, path, text, name, surely);
  }
}

function jsonPost(body: object): Call {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
