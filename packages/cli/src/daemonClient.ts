/**
 * The daemon's HTTP API as typed calls: what has a body or is a stream by undici, plain questions by node:http, which
 * is loaded in a tenth of the time. Every answer is checked against the schemas of @csvjobs/shared.
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ApiToken,
  CreatedToken,
  Job,
  JobStatus,
  JobSummary,
  NewToken,
  Readiness,
  Rejection,
} from '@csvjobs/shared';
import { PAGE_LIMIT, paths, type ReportFormat, VERSION_HEADER } from '@csvjobs/shared/paths';
import type { Agent } from 'undici';
import type { z } from 'zod';
import { answerError, connectionError, networkCode, notUnderstood } from './daemonError.js';
import { type HttpAnswer, httpCall, textOf } from './httpCall.js';
import { isJob, isJobList, isSummaryList } from './jobShape.js';
import { jsonLines } from './jsonLines.js';
import { fileChanged, multipart, type UploadSource } from './upload.js';
import { UserError } from './userError.js';
import { mismatch } from './versions.js';

/** A broken upload is tried this often in all; the Idempotency-Key makes one job of them. */
const UPLOAD_TRIES = 3;

/** Longest wait that a Retry-After is obeyed for, milliseconds. */
const LONGEST_WAIT = 10_000;

export interface ClientOptions {
  url: URL;
  token: string | undefined;
  signal: AbortSignal;
  userAgent: string;
  /** This program's version, to be compared with the daemon's. */
  version?: string | undefined;
  /** Told once when the daemon is of a version that this program may not get on with. */
  warn?: ((line: string) => void) | undefined;
  /** Told a line for each request and answer (--verbose); secrets are left out. */
  trace?: ((line: string) => void) | undefined;
}

/** How a file is to be read, where the daemon is not to find out by itself. */
export interface ReadAs {
  encoding?: string | undefined;
  delimiter?: string | undefined;
}

/** Which jobs are asked for. */
export interface JobsQuery {
  status?: readonly JobStatus[] | undefined;
  limit?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface ReadyAnswer {
  readiness: Readiness;
  version: string | undefined;
  /** The daemon's clock, by its Date header. */
  date: Date | undefined;
}

export interface UploadEvents {
  /** Bytes of the file that the socket has taken in this try. */
  onSent?: (bytes: number) => void;
  onRetry?: (reason: string) => void;
}

/** The schemas of shared by which answers are checked. */
type AnswerSchema =
  | 'jobListSchema'
  | 'jobSummaryListSchema'
  | 'jobSchema'
  | 'uploadedSchema'
  | 'tokenListSchema'
  | 'createdTokenSchema';
type Answered<Name extends AnswerSchema> = z.infer<typeof import('@csvjobs/shared')[Name]>;

interface SendOptions {
  method: 'GET' | 'POST' | 'DELETE';
  headers: Record<string, string>;
  signal: AbortSignal;
  headersTimeout: number;
}

interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  headers?: Record<string, string>;
  body?: AsyncIterable<Buffer> | string;
  signal?: AbortSignal | undefined;
  headersTimeout?: number;
}

/** One daemon. Errors are UserErrors; an abort throws the signal's reason. */
export class DaemonClient {
  readonly url: URL;
  readonly #options: ClientOptions;
  #agent: Promise<Agent> | undefined;

  /** The version of the daemon that answered last. */
  #daemonVersion: string | undefined;

  constructor(options: ClientOptions) {
    this.url = options.url;
    this.#options = options;
  }

  /** Jobs, newest first: all of them, or those of some statuses, or the newest so many. */
  async jobs(query: JobsQuery = {}): Promise<Job[]> {
    return this.#pages(query, PAGE_LIMIT.default, {}, (text) =>
      this.#parsed(paths.jobs, text, 'jobListSchema', isJobList),
    );
  }

  /** As `jobs`, without the first rejects: a hundredth of the bytes where many rows were rejected. */
  async summaries(query: JobsQuery = {}): Promise<JobSummary[]> {
    return this.#pages(query, PAGE_LIMIT.most, { summary: 'true' }, (text) =>
      this.#parsed(paths.jobs, text, 'jobSummaryListSchema', isSummaryList),
    );
  }

  async #pages<Shown>(
    { status, limit, signal }: JobsQuery,
    most: number,
    more: Record<string, string>,
    read: (text: string) => Promise<Shown[]>,
  ): Promise<Shown[]> {
    const query = new URLSearchParams({ ...more, limit: String(Math.min(limit ?? most, most)) });
    if (status !== undefined) query.set('status', status.join(','));
    const found: Shown[] = [];
    let path: string | undefined = `${paths.jobs}?${query}`;
    while (path !== undefined && (limit === undefined || found.length < limit)) {
      const answer: HttpAnswer = await this.#call(path, { signal });
      found.push(...(await read(await this.#text(answer))));
      path = nextPage(answer.headers.link);
    }
    return found.slice(0, limit);
  }

  /** One job by its whole id. */
  async job(id: string, signal?: AbortSignal): Promise<Job> {
    return this.#json(paths.job(id), 'jobSchema', { signal }, isJob);
  }

  async cancel(id: string): Promise<void> {
    await this.#text(await this.#call(paths.cancel(id), { method: 'POST' }));
  }

  async retry(id: string): Promise<void> {
    await this.#text(await this.#call(paths.retry(id), { method: 'POST' }));
  }

  /** Removes a job that has ended, with its report and file. */
  async delete(id: string): Promise<void> {
    await this.#text(await this.#call(paths.job(id), { method: 'DELETE' }));
  }

  /** All tokens, newest first, without themselves. */
  async tokens(): Promise<ApiToken[]> {
    return this.#json(paths.tokens, 'tokenListSchema');
  }

  async createToken(token: NewToken): Promise<CreatedToken> {
    const headers = { 'content-type': 'application/json' };
    return this.#json(paths.tokens, 'createdTokenSchema', {
      method: 'POST',
      headers,
      body: JSON.stringify(token),
    });
  }

  async revokeToken(id: string): Promise<void> {
    await this.#text(await this.#call(paths.token(id), { method: 'DELETE' }));
  }

  /** The report of rejected rows, as it comes; `excel` makes its cells safe against formulas (CSV only). */
  async report(
    id: string,
    format: ReportFormat = 'csv',
    { excel = false } = {},
  ): Promise<AsyncIterable<Buffer>> {
    const { body } = await this.#call(paths.report(id, format) + (excel ? '?safe=spreadsheet' : ''));
    return this.#explained(body);
  }

  /** The rejected rows, one by one as they come. */
  async rejections(id: string): Promise<AsyncIterable<Rejection>> {
    return jsonLines(await this.report(id, 'ndjson'));
  }

  /** GET /readyz: ready or not is an answer, not an error. */
  async ready(signal?: AbortSignal): Promise<ReadyAnswer> {
    const answer = await this.#send(paths.ready, { signal, headersTimeout: 10_000 });
    const text = await this.#text(answer);
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

  /**
   * Uploads a file and returns its job's id. A connection that breaks, or a daemon that takes no work for the moment
   * (429, 503), is tried again with the same Idempotency-Key, so that no file becomes two jobs.
   * @throws UserError; the abort's reason when aborted
   */
  async upload(
    source: UploadSource,
    readAs: ReadAs = {},
    { onSent, onRetry }: UploadEvents = {},
  ): Promise<string> {
    const key = randomUUID();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#uploadOnce(source, readAs, key, onSent ?? (() => {}));
      } catch (error) {
        const wait = retryWait(error, attempt);
        if (wait === undefined || attempt >= UPLOAD_TRIES || !source.repeatable) throw error;
        onRetry?.(error instanceof UserError ? (error.why ?? error.message) : String(error));
        await sleep(wait, undefined, { signal: this.#options.signal }).catch(() => {
          throw this.#options.signal.reason;
        });
      }
    }
  }

  /** fetch with the daemon's token, for EventSource. */
  streamFetch(extra: () => Record<string, string>) {
    return async (input: string | URL, init: { headers: Record<string, string>; signal?: AbortSignal }) => {
      this.#options.trace?.(`> GET ${input}`);
      const { fetch, Headers } = await import('undici');
      // By set, not by spread: names that differ in case only would be joined to one value of two.
      const headers = new Headers(init.headers);
      for (const [name, value] of Object.entries({ ...this.#headers(), ...extra() }))
        headers.set(name, value);
      const response = await fetch(input, {
        headers,
        signal: init.signal ?? null,
        redirect: 'error',
        dispatcher: await this.#dispatcher(),
      });
      this.#options.trace?.(`< ${response.status} ${response.headers.get('content-type') ?? ''}`);
      return response;
    };
  }

  /** Ends every connection at once. */
  async close(): Promise<void> {
    await (await this.#agent)?.destroy();
  }

  async #uploadOnce(
    source: UploadSource,
    readAs: ReadAs,
    key: string,
    onSent: (bytes: number) => void,
  ): Promise<string> {
    const body = multipart(source);
    const headers: Record<string, string> = { 'content-type': body.contentType, 'idempotency-key': key };
    if (body.contentLength !== undefined) headers['content-length'] = String(body.contentLength);
    try {
      const { jobId } = await this.#json(paths.upload + queryOf(readAs), 'uploadedSchema', {
        method: 'POST',
        headers,
        body: body.stream(onSent),
        // Counted from the last byte taken: the daemon may have a large file to sync to its disk.
        headersTimeout: 300_000,
      });
      return jobId;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH')
        throw fileChanged(source.file, error);
      throw error;
    }
  }

  /** Asks, and checks the answer against a schema of shared. */
  async #json<Name extends AnswerSchema>(
    path: string,
    name: Name,
    call?: Call,
    surely?: (value: unknown) => value is Answered<Name>,
  ): Promise<Answered<Name>> {
    return this.#parsed(path, await this.#text(await this.#call(path, call)), name, surely);
  }

  /**
   * An answer, checked against a schema of shared. `surely` is a quicker look at it: what that takes, zod would take
   * too, and loading zod takes longer than a listing of a thousand jobs.
   */
  async #parsed<Name extends AnswerSchema>(
    path: string,
    text: string,
    name: Name,
    surely: (value: unknown) => value is Answered<Name> = (_value): _value is Answered<Name> => false,
  ): Promise<Answered<Name>> {
    const value = parseJson(text);
    if (surely(value)) return value;
    const schema = (await import('@csvjobs/shared'))[name] as unknown as z.ZodType<Answered<Name>>;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const versions = mismatch(this.#options.version, this.#daemonVersion);
    throw notUnderstood(
      this.url,
      `its ${path} has another form (${issue?.path.join('.')}: ${issue?.message})${versions ? `; ${versions}` : ''}`,
    );
  }

  /** A call whose answer is a success. */
  async #call(path: string, call?: Call): Promise<HttpAnswer> {
    const answer = await this.#send(path, call);
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    const error = await answerError(answer.statusCode, await this.#text(answer), this.url);
    const after = Number(answer.headers['retry-after']);
    throw Number.isFinite(after) ? Object.assign(error, { retryAfter: after * 1000 }) : error;
  }

  async #send(path: string, call: Call = {}): Promise<HttpAnswer> {
    const { method = 'GET', headers, body, signal = this.#options.signal, headersTimeout = 60_000 } = call;
    const { trace } = this.#options;
    const started = performance.now();
    trace?.(`> ${method} ${this.at(path)}`);
    try {
      const options = { method, headers: { ...this.#headers(), ...headers }, signal, headersTimeout };
      const answer: HttpAnswer = body
        ? await this.#sendBody(path, body, options)
        : await httpCall(this.at(path), options);
      this.#noteVersion(answer.headers[VERSION_HEADER]?.toString());
      const id = answer.headers['x-request-id']?.toString();
      const took = Math.round(performance.now() - started);
      trace?.(`< ${answer.statusCode} in ${took} ms${id === undefined ? '' : `, request ${id}`}`);
      return answer;
    } catch (error) {
      trace?.(`! ${String(error)}`);
      throw this.#explain(error, signal);
    }
  }

  /** By undici, which holds a body to its announced length and says what the socket has taken of it. */
  async #sendBody(
    path: string,
    body: AsyncIterable<Buffer> | string,
    options: SendOptions,
  ): Promise<HttpAnswer> {
    const { request } = await import('undici');
    return request(this.at(path), {
      ...options,
      // Objects and one of them ahead: a chunk is asked for when the socket has taken the one before.
      body: typeof body === 'string' ? body : Readable.from(body, { highWaterMark: 1 }),
      dispatcher: await this.#dispatcher(),
    });
  }

  #dispatcher(): Promise<Agent> {
    this.#agent ??= import('undici').then(
      ({ Agent }) =>
        new Agent({
          connect: { timeout: 5_000 },
          headersTimeout: 60_000,
          // The stream carries a comment every 15 s: three missing ones mean that the connection is dead.
          bodyTimeout: 45_000,
        }),
    );
    return this.#agent;
  }

  async #text(answer: HttpAnswer): Promise<string> {
    return textOf(answer.body).catch((error: unknown) => {
      throw this.#explain(error, this.#options.signal);
    });
  }

  async *#explained(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* body;
    } catch (error) {
      throw this.#explain(error, this.#options.signal);
    }
  }

  #noteVersion(version: string | undefined): void {
    if (version === undefined || version === this.#daemonVersion) return;
    this.#daemonVersion = version;
    const versions = mismatch(this.#options.version, version);
    if (versions) this.#options.warn?.(versions);
  }

  #explain(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    return connectionError(error, this.url);
  }

  #headers(): Record<string, string> {
    const { token, userAgent } = this.#options;
    return { 'user-agent': userAgent, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  }

  /** A path of the API below the address, which may have a path of its own (a proxy). */
  at(path: string): URL {
    return new URL(this.url.pathname.replace(/\/+$/, '') + path, this.url);
  }
}

/** Milliseconds to wait before an upload is tried again; undefined when trying again is of no use. */
function retryWait(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof UserError)) return undefined;
  if (['too_many_requests', 'too_many_uploads', 'queue_full', 'unavailable'].includes(error.code)) {
    const { retryAfter } = error as UserError & { retryAfter?: number };
    return Math.min(retryAfter ?? attempt * 1000, LONGEST_WAIT);
  }
  const network = error.code === 'daemon_unreachable' ? networkCode(error.cause) : undefined;
  // Nothing listened at the first try: a person is told at once. Later it may be a restart.
  if (network === undefined || (attempt === 1 && network === 'ECONNREFUSED') || network === 'ENOTFOUND')
    return undefined;
  return attempt * 500;
}

function queryOf(readAs: ReadAs): string {
  const said = Object.entries(readAs).filter(([, value]) => value !== undefined) as [string, string][];
  return said.length === 0 ? '' : `?${new URLSearchParams(said)}`;
}

/** The path of the next page (RFC 8288), for a list that comes in pages. */
function nextPage(link: string | string[] | undefined): string | undefined {
  return /<(\/[^>]*)>; rel="next"/.exec(String(link ?? ''))?.[1];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
