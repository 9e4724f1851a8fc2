/** A receiver of webhooks on a real socket, which notes what it gets and answers as a test wants. */
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
  /** By its address. */
  url: string;
  port: number;
  received: Received[];
  /** How it answers from now on. */
  answer: (response: ServerResponse, received: Received) => void;
  close(): Promise<void>;
}

/** Answers 204 until a test says otherwise. */
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

/** What a receiver has been sent, its signature checked as a receiver does. @throws where that is wrong, or too old */
export function verified(
  secret: string,
  { body, headers }: Received,
): { type: string; data: { id: string } } {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as never;
}
