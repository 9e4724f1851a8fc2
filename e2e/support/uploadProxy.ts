/** A TCP proxy in front of a daemon that counts the bytes of clients, and breaks connections on request. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface UploadProxy {
  url: string;
  /** Request bytes that reached the daemon, over all connections. */
  sent(): number;
  cuts(): number;
  /** The target of new connections. */
  aim(target: string): void;
  /** What passes on the next connections. */
  rule(rule: ProxyRule): void;
  /** Resolves when a connection is held. */
  held(): Promise<void>;
  close(): Promise<void>;
}

export interface ProxyRule {
  /** Request bytes of a connection after which both sides are reset. */
  cutAfter?: (connection: number) => number;
  /** Bytes of all requests after which nothing passes, while the connections stay open. */
  holdAfter?: number;
  /** An answer of the proxy itself to a request, which then does not reach the daemon. */
  answers?: (request: string) => string | undefined;
  /** An answer that must not arrive: its connection is reset instead. */
  loses?: (answer: string) => boolean;
}

export async function startUploadProxy(target: string, first: ProxyRule = {}): Promise<UploadProxy> {
  const open = new Set<Socket>();
  let port = Number(new URL(target).port);
  let rule = first;
  let [connections, cuts, sent] = [0, 0, 0];
  let hold = () => {};
  const held = new Promise<void>((resolve) => {
    hold = resolve;
  });
  const proxy = createServer((client) => {
    const { cutAfter = () => Number.POSITIVE_INFINITY, holdAfter = Number.POSITIVE_INFINITY } = rule;
    const { loses, answers } = rule;
    const server = connect(port, '127.0.0.1');
    let left = cutAfter(connections++);
    const end = () => {
      for (const socket of [client, server]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    const cut = () => {
      cuts++;
      client.resetAndDestroy();
      server.resetAndDestroy();
    };
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (data) => {
      const answer = answers?.(data.toString('latin1'));
      if (answer !== undefined) return client.end(answer);
      const passes = Math.min(data.length, left, holdAfter - sent);
      if (passes <= 0 && holdAfter <= sent) return hold();
      sent += passes;
      left -= passes;
      const more = server.write(data.subarray(0, passes), () => left <= 0 && cut());
      if (sent >= holdAfter) return hold();
      if (more) return;
      client.pause();
      server.once('drain', () => client.resume());
    });
    server.on('data', (data) => {
      if (loses?.(data.toString('latin1'))) cut();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    sent: () => sent,
    cuts: () => cuts,
    aim: (to) => {
      port = Number(new URL(to).port);
    },
    rule: (next) => {
      rule = next;
    },
    held: () => held,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
