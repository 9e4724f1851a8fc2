import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux assigns to connections and to servers on port 0 (from 32768), where a free one may be taken any time. */
const FIRST = 15_000;
const COUNT = 15_000;

/**
 * A port of this machine that stays free until its caller listens on it, for a daemon that must restart on the same
 * one or cannot report its port.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    } catch {
      continue;
    }
    await new Promise((closed) => server.close(closed));
    return port;
  }
}
