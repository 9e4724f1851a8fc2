/** A web server that serves one file as real ones do: with ranges, validators, and faults on demand. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  url: string;
  headers: IncomingMessage['headers'];
}

export class WebServer {
  readonly asked: Asked[] = [];
  etag: string | undefined = '"v1"';
  /** For the Last-Modified header. */
  changed: string | undefined;
  ranges = true;
  /** Whether to send a Content-Length; otherwise the answer is chunked. */
  length = true;
  headers: Record<string, string> = {};
  /** Handles the next requests; returns whether it answered. */
  fault: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Breaks the connection after this many bytes of a body, once for each number. */
  breaks: number[] = [];
  readonly server: Server;

  constructor(
    public content: Buffer,
    server: Server = createServer(),
  ) {
    this.server = server;
    this.server.on('request', (request, response) => this.#answer(request, response));
  }

  async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  at(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push({ url: request.url ?? '', headers: request.headers });
    if (this.fault?.(request, response)) return;
    const { range, 'if-range': condition } = request.headers;
    const wanted = this.ranges ? /^bytes=(\d+)-(\d*)$/.exec(range ?? '') : null;
    const fits = condition === undefined || condition === this.etag || condition === this.changed;
    const part = wanted && fits ? wanted : undefined;
    const start = part ? Number(part[1]) : 0;
    const end = part?.[2] ? Number(part[2]) + 1 : this.content.length;
    const body = this.content.subarray(start, end);
    if (part && start >= this.content.length) {
      response.writeHead(416, { 'content-range': `bytes */${this.content.length}` }).end();
      return;
    }
    response.writeHead(part ? 206 : 200, {
      ...(this.etag !== undefined && { etag: this.etag }),
      ...(this.changed !== undefined && { 'last-modified': this.changed }),
      ...(this.ranges && { 'accept-ranges': 'bytes' }),
      ...(part && { 'content-range': `bytes ${start}-${start + body.length - 1}/${this.content.length}` }),
      ...(this.length && { 'content-length': body.length }),
      ...this.headers,
    });
    // Spares the request for the first byte.
    const cut = range === 'bytes=0-0' ? undefined : this.breaks.shift();
    if (cut === undefined) response.end(body);
    else response.write(body.subarray(0, cut), () => response.destroy());
  }
}
