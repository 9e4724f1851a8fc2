import { type AddressInfo, createServer } from 'node:net';

/** A port that was free a moment ago, for a daemon that must come back on the same one or cannot say which it has. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
