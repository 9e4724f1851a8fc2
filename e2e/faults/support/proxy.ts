/**
 * A TCP proxy in front of a server's Unix socket that fails like networks do: it cuts connections at a chosen
 * moment, swallows data, refuses connections.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FaultProxy {
  port: number;
  /** Connections that are open now. */
  open(): number;
  /** Ends every connection. */
  cut(): void;
  /** Ends every connection and refuses new ones until `admit`. */
  refuse(): void;
  admit(): void;
  /** From now on data in both directions disappears, on the currently open connections. */
  swallow(): void;
  /** The same for new connections, until `answerNew`. */
  swallowNew(): void;
  answerNew(): void;
  /**
   * Cuts a connection at the nth time that a client sends `bytes`: before they are passed on, or after the server has
   * answered, with the answer lost. Resolves when done.
   */
  cutAt(bytes: string, nth: number, when: 'before' | 'answered'): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(target: () => string): Promise<FaultProxy> {
  const pairs = new Set<{ client: Socket; server: Socket; swallowed: boolean }>();
  let admitting = true;
  let swallowing = false;
  let trap: { bytes: string; left: number; when: 'before' | 'answered'; sprung: () => void } | undefined;

  const proxy = createServer((client) => {
    if (!admitting) return client.destroy();
    const pair = { client, server: connect(target()), swallowed: swallowing };
    const { server } = pair;
    pairs.add(pair);
    let answerIsLost: (() => void) | undefined;
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.on('data', (data) => {
      if (pair.swallowed) return;
      if (trap && data.includes(trap.bytes) && --trap.left === 0) {
        const { when, sprung } = trap;
        trap = undefined;
        if (when === 'before') {
          end();
          return sprung();
        }
        answerIsLost = sprung;
      }
      if (!server.write(data)) {
        client.pause();
        server.once('drain', () => client.resume());
      }
    });
    server.on('data', (data) => {
      if (pair.swallowed) return;
      if (answerIsLost) {
        end();
        return answerIsLost();
      }
      if (!client.write(data)) {
        server.pause();
        client.once('drain', () => server.resume());
      }
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const { client } of pairs) client.destroy();
  };
  return {
    port: (proxy.address() as AddressInfo).port,
    open: () => pairs.size,
    cut,
    refuse: () => {
      admitting = false;
      cut();
    },
    admit: () => {
      admitting = true;
    },
    swallow: () => {
      for (const pair of pairs) pair.swallowed = true;
    },
    swallowNew: () => {
      swallowing = true;
    },
    answerNew: () => {
      swallowing = false;
    },
    cutAt: (bytes, nth, when) =>
      new Promise((sprung) => {
        trap = { bytes, left: nth, when, sprung };
      }),
    close: async () => {
      cut();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
