/** The listening socket: how long connections may idle, and how they end. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Failure } from '../failure.js';
import type { App } from './app.js';

export interface ServerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** A connection on which nothing moves for this long is ended; 30 s. An upload may be slow, but not silent. */
  uploadIdleMs?: number;
  /** The head of a request must be there this long after its first byte, or after connecting; 20 s. */
  headersMs?: number;
}

export interface RunningServer {
  url: string;
  port: number;
  /**
   * Takes no more connections, ends the streams, lets what is under way (uploads, reports) end by itself for up to
   * `graceMs`, then cuts what is left.
   */
  close(options: { graceMs: number }): Promise<void>;
}

/** @throws {Failure} `address_in_use`, `address_unusable`: the host and port cannot be listened on */
export async function startServer(app: App, options: ServerOptions): Promise<RunningServer> {
  const { host, port, uploadIdleMs = 30_000, headersMs = 20_000 } = options;
  const server = createServer({
    // Node's bound on a whole request (300 s) would cut uploads that are merely slow. Instead: a bound on the head
    // and one on silence, so that connections that send nothing go away.
    requestTimeout: 0,
    headersTimeout: headersMs,
    connectionsCheckingInterval: Math.max(50, Math.min(5_000, headersMs / 4)),
    noDelay: true,
  });
  server.setTimeout(uploadIdleMs);
  // Node counts a connection that has not sent anything yet as busy and would wait for it at the end.
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('data', () => silent.delete(socket));
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', app.handle);
  // The answer "100 Continue" is the upload's to give, after it has looked at the head.
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
      // Connections whose request has ended are kept for the next one; there is none any more.
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(idle);
      clearTimeout(cut);
    },
  };
}

function whyNotListening(error: NodeJS.ErrnoException, host: string, port: number): Failure {
  if (error.code === 'EADDRINUSE') {
    const detail = `${host}:${port} is in use: another daemon may be running; stop it, or set API_PORT`;
    return new Failure('address_in_use', detail, { cause: error });
  }
  const detail = `cannot listen on ${host}:${port} (${error.message}); set API_HOST and API_PORT`;
  return new Failure('address_unusable', detail, { cause: error });
}
