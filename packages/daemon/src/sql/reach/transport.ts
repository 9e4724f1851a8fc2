/** The bytes to a server: TCP or a Unix socket, and TLS over it, as PostgreSQL agrees upon it (chapter 54.2.10). */
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

/** With which encryption a connection is begun. `if-offered` stays on the same connection without it. */
export type Encryption = 'none' | 'if-offered' | 'required';

/**
 * Opens the way to a server. `using` is given the socket at once, and the one with TLS in its place, so that the caller
 * can end them.
 * @throws {OtherWay} where the server answers and TLS cannot be had; {Elsewhere} where the network fails;
 * {Failure} `database_tls` where a file of `wish` is not usable
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
  await happening(socket, 'connect').catch(failed);
  if (encryption === 'none') return socket;
  if (!wish.atOnce && !(await offersTls(socket).catch(failed))) {
    if (encryption === 'if-offered') return socket;
    throw new OtherWay(new WithoutTls(wish, host));
  }
  // What is wrong with its files is wrong: not even sslmode=prefer does without TLS for that.
  const options = tlsOptions(wish, host.host);
  // A broken connection is heard of by the one with TLS; this one's must not end the process.
  socket.on('error', () => {});
  const secure = connectTls({ socket, ...options });
  using(secure);
  await happening(secure, 'secureConnect').catch(failed);
  return secure;
}

async function offersTls(socket: Socket): Promise<boolean> {
  socket.write(SSL_REQUEST);
  const [answer] = (await happening(socket, 'data')) as [Buffer];
  // More than the one byte would be what somebody put in front of the encrypted stream (CVE-2021-23222).
  if (answer.length === 1 && answer[0] === YES) return true;
  if (answer.length === 1 && answer[0] === NO) return false;
  throw closed('the server did not say whether it does TLS');
}

/** The first time that an event happens; rejects when the socket breaks or is closed before. */
async function happening(socket: Socket, event: string): Promise<unknown[]> {
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

/** What a socket's error means for the attempt. */
export function broken(error: Error, wish: TlsWish, host: Host): Elsewhere | OtherWay {
  return isNetwork(error) ? new Elsewhere(error) : new OtherWay(explainTls(error, wish, host));
}

function closed(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}
