/**
 * A TCP proxy before a server's Unix socket, which does what networks do: cuts connections, at a moment of one's
 * choosing, swallows what is sent, lets nobody in.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FaultProxy {
  port: number;
  /** Connections that are open now. */
  open(): number;
  /** Ends every connection. */
  cut(): void;
  /** Ends every connection and lets nobody in, until `admit`. */
  refuse(): void;
  admit(): void;
  /** From now on what is sent either way disappears, on the connections that are open now. */
  swallow(): void;
  /** The same for the connections that will be made, until `answerNew`. */
  swallowNew(): void;
  answerNew(): void;
  /**
   * Cuts a connection at the nth time that a client sends `bytes`: before they are passed on, or once the server has
   * taken them and answered, the answer being lost. Resolves when that was done.
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
