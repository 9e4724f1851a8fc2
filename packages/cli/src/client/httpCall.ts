/** Requests without a body, through node:http. */
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';

export interface HttpAnswer {
  statusCode: number;
  headers: IncomingHttpHeaders;
  body: AsyncIterable<Buffer>;
}

export interface HttpCallOptions {
  method: string;
  headers: Record<string, string>;
  signal: AbortSignal;
  /** Milliseconds until the head of the answer must arrive. */
  headersTimeout: number;
}

const CONNECT_TIMEOUT = 5_000;
/** Maximum time between two parts of an answer's body, in milliseconds. */
const BODY_TIMEOUT = 45_000;

/**
 * Sends a request; resolves with the head of the answer. Follows no redirect.
 * @throws errors of the network with their `code`; ETIMEDOUT; the abort's error when aborted
 */
export async function httpCall(url: URL, options: HttpCallOptions): Promise<HttpAnswer> {
  // TLS is loaded only when needed. HTTP is imported statically, because the first import() would start node's loader
  // of ES modules.
  const request = url.protocol === 'https:' ? (await import('node:https')).request : requestHttp;
  const { method, headers, signal, headersTimeout } = options;
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, signal });
    let timer = setTimeout(() => asked.destroy(timedOut()), CONNECT_TIMEOUT);
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => asked.destroy(timedOut()), headersTimeout);
    };
    asked.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', wait);
      else wait();
    });
    asked.once('response', (response: IncomingMessage) => {
      clearTimeout(timer);
      response.setTimeout(BODY_TIMEOUT, () => response.destroy(timedOut()));
      resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body: response });
    });
    asked.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asked.once('close', () => clearTimeout(timer));
    asked.end();
  });
}

/** The whole body as text. */
export async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function timedOut(): Error {
  return Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
}
