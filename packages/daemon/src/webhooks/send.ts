/** One attempt to deliver: a POST that follows no redirect, and its result. */
import { Agent, errors, request } from 'undici';
import { Failure } from '../failure.js';
import { guardedLookup, type Resolve } from './addresses.js';
import type { Endpoint } from './endpoint.js';

/** The result of an attempt. */
export type Outcome =
  | { kind: 'delivered'; httpStatus: number }
  | {
      kind: 'failed';
      /** Null if there was no answer. */
      httpStatus: number | null;
      /** One line, for people. */
      error: string;
      /** The delay that the receiver asks for (Retry-After). */
      askedMs?: number;
    }
  /** The receiver wants no more webhooks (410). */
  | { kind: 'gone'; httpStatus: number; error: string }
  /** The daemon is stopping: it is unknown whether the message has arrived. */
  | { kind: 'stopped' };

export interface Sender {
  /** Never throws. @param stop ends the attempt at once */
  send(message: { headers: Record<string, string>; body: string }, stop: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

/** Time limit for the whole answer of a receiver (15 to 30 s in Standard Webhooks 1.0), in ms. */
export const ANSWER_MS = 15_000;

/**
 * The body of an answer is ignored; this many bytes are read, for at most this long, to reuse the connection.
 */
const ANSWER_BYTES = 64 * 1024;
const BODY_MS = 1_000;

/** Maximum length of a stored reason, in characters. */
const MOST_WORDS = 300;

/** Connections to one endpoint are kept open between deliveries; each new one is checked (addresses.ts). */
export function createSender(
  endpoint: Pick<Endpoint, 'url' | 'allowPrivate'>,
  {
    userAgent,
    connections,
    answerMs = ANSWER_MS,
    resolve,
  }: { userAgent: string; connections: number; answerMs?: number; resolve?: Resolve | undefined },
): Sender {
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: { lookup: guardedLookup(endpoint, resolve), timeout: answerMs },
    maxHeaderSize: 16 * 1024,
  });
  return {
    async send({ headers, body }, stop) {
      const late = AbortSignal.timeout(answerMs);
      try {
        const answer = await request(endpoint.url, {
          method: 'POST',
          headers: { ...headers, 'user-agent': userAgent },
          body,
          dispatcher: agent,
          signal: AbortSignal.any([late, stop]),
          headersTimeout: answerMs,
        });
        const signal = AbortSignal.any([AbortSignal.timeout(BODY_MS), stop]);
        await answer.body.dump({ limit: ANSWER_BYTES, signal }).catch(() => {});
        return outcomeOf(answer.statusCode, answer.headers['retry-after']);
      } catch (error) {
        if (stop.aborted) return { kind: 'stopped' };
        const words = late.aborted ? `no answer within ${answerMs / 1_000} s` : reasonOf(error);
        return { kind: 'failed', httpStatus: null, error: oneLine(words) };
      }
    },
    close: () => agent.destroy(),
  };
}

function outcomeOf(httpStatus: number, retryAfter: string | string[] | undefined): Outcome {
  if (httpStatus >= 200 && httpStatus < 300) return { kind: 'delivered', httpStatus };
  if (httpStatus === 410)
    return { kind: 'gone', httpStatus, error: 'answered 410: it wants no more webhooks' };
  const redirect = httpStatus >= 300 && httpStatus < 400;
  const error = `answered ${httpStatus}${redirect ? ': redirects are not followed, so the URL must be changed' : ''}`;
  const seconds = Number(retryAfter);
  return { kind: 'failed', httpStatus, error, ...(seconds > 0 && { askedMs: seconds * 1_000 }) };
}

/** Codes of Node and undici for problems that a person can fix. */
const WORDS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'it cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'the connection was not made in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of its answer are too large',
};

function reasonOf(error: unknown): string {
  // Node tries each address of a name and has one error for each.
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  if (first instanceof Failure) return first.message;
  if (!(first instanceof Error)) return String(first);
  const { code = '' } = first as NodeJS.ErrnoException;
  const known = WORDS[code];
  if (known) return `${known} (${code})`;
  if (first instanceof errors.HTTPParserError) return 'its answer is not HTTP';
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO/.test(code)) return `TLS: ${first.message} (${code})`;
  return first.message;
}

/** What stands in a list and in a log. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, MOST_WORDS);
}
