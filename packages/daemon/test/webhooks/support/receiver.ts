/** A webhook receiver on a real socket, which records requests and responds as a test wants. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  method: string;
  path: string;
}

export interface Receiver {
  /** By address. */
  url: string;
  port: number;
  received: Received[];
  /** Its responses from now on. */
  answer: (response: ServerResponse, received: Received) => void;
  close(): Promise<void>;
}

/** Answers 204 until a test sets another response. */
export async function startReceiver(
  makeServer: (handler: Parameters<typeof createServer>[1]) => Server = (handler) => createServer(handler!),
): Promise<Receiver> {
  const server = makeServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { headers, method = '', url: path = '' } = request;
      const received = { headers, body, method, path };
      receiver.received.push(received);
      receiver.answer(response, received);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    port,
    received: [],
    answer: (response) => void response.writeHead(204).end(),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** The requests to a receiver, with their signatures verified. @throws if one is wrong, or too old */
export function verified(
  secret: string,
  { body, headers }: Received,
): { type: string; data: { id: string } } {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as never;
}
