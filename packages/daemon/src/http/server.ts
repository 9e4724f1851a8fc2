/** The listening socket: how long connections may be idle, and how they are closed. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { PROBLEM_MEDIA_TYPE, type ProblemCode, problem } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import type { App } from './app.js';

export interface ServerOptions {
  host: string;
  /** 0 picks a free port. */
  port: number;
  /** A connection without traffic for this long is closed; 30 s. An upload may be slow, but not silent. */
  uploadIdleMs?: number;
  /** Time limit for the head of a request, after its first byte or after connecting; 20 s. */
  headersMs?: number;
  /** Maximum size of the head of a request, in bytes; 16 KiB. */
  maxHeaderBytes?: number;
}

export interface RunningServer {
  url: string;
  port: number;
  /**
   * Accepts no more connections, ends the streams, lets requests under way (uploads, reports) finish for up
   * to `graceMs`, then cuts the rest.
   */
  close(options: { graceMs: number }): Promise<void>;
}

/** @throws {Failure} `address_in_use`, `address_unusable` if it cannot listen on the host and port */
export async function startServer(app: App, options: ServerOptions): Promise<RunningServer> {
  const { host, port, uploadIdleMs = 30_000, headersMs = 20_000, maxHeaderBytes = 16 * 1024 } = options;
  const server = createServer({
    // Node's limit for a whole request (300 s) would cut uploads that are merely slow. Instead, there is a
    // limit for the head and one for silence, so that connections that send nothing are closed.
    requestTimeout: 0,
    headersTimeout: headersMs,
    connectionsCheckingInterval: Math.max(50, Math.min(5_000, headersMs / 4)),
    noDelay: true,
    maxHeaderSize: maxHeaderBytes,
  });
  // Node silently drops headers beyond 2,000; the app counts them instead.
  server.maxHeadersCount = 0;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    refuseHead(error, socket, maxHeaderBytes),
  );
  server.setTimeout(uploadIdleMs);
  const answering = cutSilent(server);
  // Node counts a connection that has sent nothing yet as busy, and would wait for it on close.
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('data', () => silent.delete(socket));
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', answering);
  server.on('request', app.handle);
  // The upload handler sends "100 Continue" itself, after it has checked the head.
  server.on('checkContinue', answering);
  server.on('checkContinue', app.handle);

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(whyNotListening(error, host, port)));
    server.listen({ host, port, backlog: 1024 }, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;

  return {
    url: `http://${name}:${address.port}`,
    port: address.port,
    close: async ({ graceMs }) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      app.close();
      for (const socket of silent) socket.destroy();
      // Connections whose request has ended are kept open for another request; there will be no more.
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(idle);
      clearTimeout(cut);
      await app.settled();
    },
  };
}

/**
 * Closes connections that are silent, except those of clients that have sent a whole request and wait for its answer: an
 * undo or a preview may take minutes. A client that does not read its answer is silent.
 * @returns a listener for requests
 */
function cutSilent(server: Server): (request: IncomingMessage, response: ServerResponse) => void {
  const latest = new WeakMap<Socket, { request: IncomingMessage; response: ServerResponse }>();
  server.on('timeout', (socket) => {
    const { request, response } = latest.get(socket) ?? {};
    // An upload that is silent gets an answer (uploads/multipart.ts, uploads/resumable/body.ts).
    if (request && !request.complete && request.listenerCount('timeout') > 0) return;
    if (!request?.complete || !response || response.headersSent) socket.destroy();
  });
  return (request, response) => latest.set(request.socket, { request, response });
}

/** How long a connection stays open after such an answer. */
const LINGER_MS = 500;

/** The answer to bytes that never became a request: the app has not seen them. */
function refuseHead(error: NodeJS.ErrnoException, socket: Duplex, maxHeaderBytes: number): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [code, detail] = whyNoRequest(error, maxHeaderBytes);
  const { status, ...rest } = problem(code, detail);
  const body = JSON.stringify({ status, ...rest });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  // Drops what the client still sends for a moment, so that it reads the answer before the connection is cut.
  socket.resume();
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () =>
    setTimeout(() => socket.destroy(), LINGER_MS).unref(),
  );
}

function whyNoRequest({ code }: NodeJS.ErrnoException, maxHeaderBytes: number): [ProblemCode, string] {
  if (code === 'HPE_HEADER_OVERFLOW')
    return ['headers_too_large', `the headers have more than ${maxHeaderBytes} bytes (MAX_HEADER_BYTES)`];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return ['request_timeout', 'the headers did not arrive in time; send the request again'];
  return ['bad_request', 'this is not a request of HTTP/1.1'];
}

function whyNotListening(error: NodeJS.ErrnoException, host: string, port: number): Failure {
  if (error.code === 'EADDRINUSE') {
    const detail = `${host}:${port} is in use: another daemon may be running; stop it, or set API_PORT`;
    return new Failure('address_in_use', detail, { cause: error });
  }
  const detail = `cannot listen on ${host}:${port} (${error.message}); set API_HOST and API_PORT`;
  return new Failure('address_unusable', detail, { cause: error });
}
