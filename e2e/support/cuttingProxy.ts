/** A TCP proxy in front of a daemon that cuts each connection after a number of bytes of its answer. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  url: string;
  /** The number of cut connections. */
  cuts(): number;
  close(): Promise<void>;
}

/**
 * Starts it in front of the daemon at `target`. `passes` returns for each connection, counted from 0, how many bytes of the
 * answers pass before both sides are reset; Infinity for all.
 */
export async function startCuttingProxy(
  target: string,
  passes: (connection: number) => number,
): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let connections = 0;
  let cut = 0;
  const proxy = createServer((client) => {
    const server = connect(Number(new URL(target).port), '127.0.0.1');
    let left = passes(connections++);
    const end = () => {
      for (const socket of [client, server]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.pipe(server);
    server.on('data', (data) => {
      if (data.length >= left) {
        cut++;
        server.destroy();
        // The allowed bytes are sent before the cut: an immediate reset could overtake them.
        client.write(data.subarray(0, left), () => client.destroy());
        left = 0;
        return;
      }
      left -= data.length;
      if (client.write(data)) return;
      server.pause();
      client.once('drain', () => server.resume());
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cuts: () => cut,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
