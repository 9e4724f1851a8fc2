/** The transport to a server: TCP or a Unix socket, and TLS over it as negotiated by PostgreSQL (chapter 54.2.10). */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Elsewhere, isNetwork, OtherWay } from './outcomes.js';
import { tlsOptions } from './tls.js';
import { explainTls, WithoutTls } from './tlsFailure.js';
import { type Host, isSocket, type TlsWish } from './way.js';

/** Length and code of SSLRequest. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const YES = 0x53;
const NO = 0x4e;

/** How a connection starts. `if-offered` continues on the same connection without TLS if the server offers none. */
export type Encryption = 'none' | 'if-offered' | 'required';

/**
 * Connects to a server. Calls `using` with the socket at once, and again with the TLS socket that replaces it, so
 * that the caller can destroy them.
 * @throws {OtherWay} if the server answers but TLS fails; {Elsewhere} if the network fails; {Failure} `database_tls`
 * if a file of `wish` is unusable
 */
export async function openTransport(
  host: Host,
  encryption: Encryption,
  wish: TlsWish,
  using: (socket: Socket) => void,
): Promise<Socket> {
  const socket = new Socket();
  using(socket);
  socket.setNoDelay(true);
  if (isSocket(host)) socket.connect(`${host.host}/.s.PGSQL.${host.port}`);
  else socket.connect(host.port, host.host);
  const failed = (error: Error) => Promise.reject(broken(error, wish, host));
  await nextEvent(socket, 'connect').catch(failed);
  if (encryption === 'none') return socket;
  if (!wish.atOnce && !(await offersTls(socket).catch(failed))) {
    if (encryption === 'if-offered') return socket;
    throw new OtherWay(new WithoutTls(wish, host));
  }
  // Unusable files are an error; not even sslmode=prefer falls back to no TLS for that.
  const options = tlsOptions(wish, host.host);
  // The TLS socket reports a broken connection; this socket's own error must not crash the process.
  socket.on('error', () => {});
  const secure = connectTls({ socket, ...options });
  using(secure);
  await nextEvent(secure, 'secureConnect').catch(failed);
  return secure;
}

async function offersTls(socket: Socket): Promise<boolean> {
  socket.write(SSL_REQUEST);
  const [answer] = (await nextEvent(socket, 'data')) as [Buffer];
  // More than this one byte could have been injected before the encrypted stream (CVE-2021-23222).
  if (answer.length === 1 && answer[0] === YES) return true;
  if (answer.length === 1 && answer[0] === NO) return false;
  throw closed('the server did not say whether it does TLS');
}

/** Resolves when an event first happens; rejects if the socket breaks or closes before. */
async function nextEvent(socket: Socket, event: string): Promise<unknown[]> {
  const gone = new AbortController();
  const close = () => gone.abort();
  socket.once('close', close);
  try {
    return await once(socket, event, { signal: gone.signal });
  } catch (error) {
    throw gone.signal.aborted ? closed('the connection was closed') : error;
  } finally {
    socket.off('close', close);
  }
}

/** Returns what a socket's error means for the attempt. */
export function broken(error: Error, wish: TlsWish, host: Host): Elsewhere | OtherWay {
  return isNetwork(error) ? new Elsewhere(error) : new OtherWay(explainTls(error, wish, host));
}

function closed(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}
