/**
 * HTTP to one daemon: what has a body or is a stream by undici, plain questions by node:http, which is loaded in a tenth
 * of the time.
 */
import { Readable } from 'node:stream';
import { VERSION_HEADER } from '@csvjobs/shared/paths';
import type { Agent } from 'undici';
import { answerError } from './daemonError.js';
import { type HttpAnswer, httpCall, textOf } from './httpCall.js';
import { connectionError } from './networkError.js';
import { mismatch } from './versions.js';

export interface ConnectionOptions {
  url: URL;
  token: string | undefined;
  signal: AbortSignal;
  userAgent: string;
  /** How long a daemon that goes away in the middle of a report is waited for, milliseconds; 0 by default. */
  patience?: number | undefined;
  /** This program's version, to be compared with the daemon's. */
  version?: string | undefined;
  /** Told once when the daemon is of a version that this program may not get on with. */
  warn?: ((line: string) => void) | undefined;
  /** Told a line for each request and answer (--verbose); secrets are left out. */
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

  /** How long a daemon that goes away is waited for, milliseconds. */
  get patience(): number {
    return this.#options.patience ?? 0;
  }

  /** A word on the two versions that talk here, where they may not understand each other. */
  get mismatch(): string | undefined {
    return mismatch(this.#options.version, this.#daemonVersion);
  }

  /** A call whose answer is a success. */
  async call(path: string, call?: Call): Promise<HttpAnswer> {
    return this.accepted(await this.send(path, call));
  }

  /** An answer, where it is a success. */
  async accepted(answer: HttpAnswer): Promise<HttpAnswer> {
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    const { token } = this.#options;
    const error = await answerError(
      answer.statusCode,
      await this.text(answer),
      this.url,
      token !== undefined,
    );
    const after = Number(answer.headers['retry-after']);
    throw Number.isFinite(after) ? Object.assign(error, { retryAfter: after * 1000 }) : error;
  }

  /** A call whatever the answer is. */
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

  /** The whole body. */
  async text(answer: HttpAnswer): Promise<string> {
    return textOf(answer.body).catch((error: unknown) => {
      throw this.#explain(error, this.signal);
    });
  }

  /** A body as it comes, with errors that are explained. */
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

  /** A path of the API below the address, which may have a path of its own (a proxy). */
  at(path: string): URL {
    return new URL(this.url.pathname.replace(/\/+$/, '') + path, this.url);
  }
}
