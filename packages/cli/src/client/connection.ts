/**
 * HTTP to one daemon: undici for streams and requests with a body, node:http for plain requests, because it loads in a
 * tenth of the time.
 */
import { Readable } from 'node:stream';
import { VERSION_HEADER } from '@csvjobs/shared/paths';
import type { UserError } from '../userError.js';
import { type Asked, answerError } from './daemonError.js';
import { type HttpAnswer, httpCall, textOf } from './httpCall.js';
import { connectionError } from './networkError.js';
import { type Agent, loadUndici } from './undici.js';
import { mismatch } from './versions.js';

export interface ConnectionOptions extends Asked {
  signal: AbortSignal;
  userAgent: string;
  /** How long to wait for a daemon that goes away in the middle of a report, in milliseconds; 0 by default. */
  patience?: number | undefined;
  /** This program's version, for comparison with the daemon's. */
  version?: string | undefined;
  /** Called once if the daemon's version may be incompatible with this program. */
  warn?: ((line: string) => void) | undefined;
  /** Called with a line for each request and answer (--verbose), without secrets. */
  trace?: ((line: string) => void) | undefined;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface SendOptions {
  method: Method;
  headers: Record<string, string>;
  signal: AbortSignal;
  headersTimeout: number;
}

export interface Call {
  method?: Method;
  headers?: Record<string, string>;
  body?: AsyncIterable<Buffer> | string;
  signal?: AbortSignal | undefined;
  headersTimeout?: number;
}

/** Errors are UserErrors; an abort throws the signal's reason. */
export class Connection {
  readonly url: URL;
  readonly signal: AbortSignal;
  readonly #options: ConnectionOptions;
  #agent: Promise<Agent> | undefined;
  /** The version of the daemon that answered last. */
  #daemonVersion: string | undefined;

  constructor(options: ConnectionOptions) {
    this.url = options.url;
    this.signal = options.signal;
    this.#options = options;
  }

  /** How long to wait for a daemon that goes away, in milliseconds. */
  get patience(): number {
    return this.#options.patience ?? 0;
  }

  /** A message about the versions of client and daemon, if they may be incompatible. */
  get mismatch(): string | undefined {
    return mismatch(this.#options.version, this.#daemonVersion);
  }

  /** Makes a call and throws unless the answer is a success. */
  async call(path: string, call?: Call): Promise<HttpAnswer> {
    return this.accepted(await this.send(path, call));
  }

  /** Returns the answer if it is a success; otherwise throws. */
  async accepted(answer: HttpAnswer): Promise<HttpAnswer> {
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    const error = await this.refusal(answer.statusCode, await this.text(answer));
    const after = Number(answer.headers['retry-after']);
    throw Number.isFinite(after) ? Object.assign(error, { retryAfter: after * 1000 }) : error;
  }

  /** Returns the error for an answer that is not a success. */
  refusal(status: number, body: string): Promise<UserError> {
    return answerError(status, body, this.#options);
  }

  /** Makes a call and returns any answer, also an error status. */
  async send(path: string, call: Call = {}): Promise<HttpAnswer> {
    const { method = 'GET', headers, body, signal = this.signal, headersTimeout = 60_000 } = call;
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

  /** fetch with the daemon's token, for EventSource. */
  streamFetch(extra: () => Record<string, string>) {
    return async (input: string | URL, init: { headers: Record<string, string>; signal?: AbortSignal }) => {
      this.#options.trace?.(`> GET ${input}`);
      const { fetch, Headers } = await loadUndici();
      // set, not spread: two names that differ only in case would be joined into one value.
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

  /** Closes every connection at once. */
  async close(): Promise<void> {
    await (await this.#agent)?.destroy();
  }

  /** Uses undici, which enforces the announced length of a body and shows how much of it the socket has taken. */
  async #sendBody(
    path: string,
    body: AsyncIterable<Buffer> | string,
    options: SendOptions,
  ): Promise<HttpAnswer> {
    const { origin, pathname, search } = this.at(path);
    const agent = await this.#dispatcher();
    return agent.request({
      ...options,
      origin,
      path: pathname + search,
      // Object mode with one chunk ahead: the next chunk is requested once the socket has taken the previous one.
      body: typeof body === 'string' ? body : Readable.from(body, { highWaterMark: 1 }),
    });
  }

  #dispatcher(): Promise<Agent> {
    this.#agent ??= loadUndici().then(
      ({ Agent }) =>
        new Agent({
          connect: { timeout: 5_000 },
          headersTimeout: 60_000,
          // The stream carries a comment every 15 s; if three are missing, the connection is dead.
          bodyTimeout: 45_000,
        }),
    );
    return this.#agent;
  }

  /** The whole body. */
  async text(answer: HttpAnswer): Promise<string> {
    return textOf(answer.body).catch((error: unknown) => {
      throw this.#explain(error, this.signal);
    });
  }

  /** Streams a body; network errors become UserErrors. */
  async *explained(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* body;
    } catch (error) {
      throw this.#explain(error, this.signal);
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

  /** Resolves an API path against the address, which may have a path of its own (a proxy). */
  at(path: string): URL {
    return new URL(this.url.pathname.replace(/\/+$/, '') + path, this.url);
  }
}
