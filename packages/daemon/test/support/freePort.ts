import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that Linux gives to connections and to servers on port 0 (32768 on), of which a free one may be taken at any moment. */
const FIRST = 15_000;
const COUNT = 15_000;

/**
 * A port of this machine that is free and stays so until its caller listens on it, for a daemon that has to come back on the same
 * one or cannot say which it has.
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
