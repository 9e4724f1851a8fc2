import { Socket } from 'node:net';

/**
 * A socket for a connection to PostgreSQL that notices a peer which has gone silent: a request was sent and nothing at
 * all has moved for `ms`. TCP alone waits a quarter of an hour for a peer whose host is gone, and for ever for one
 * behind a proxy that still takes bytes. A connection that is merely idle is left alone.
 *
 * It looks at what is written, not at what arrives: COPY … TO STDOUT (pg-copy-streams) takes a socket's one listener
 * for `data` away and refuses a socket that has two.
 */
export function watchedSocket(ms: number): Socket {
  const socket = new Socket();
  let readWhenAsked = Number.POSITIVE_INFINITY;
  const write = socket.write;
  socket.write = (...args: unknown[]): boolean => {
    readWhenAsked = socket.bytesRead;
    return Reflect.apply(write, socket, args);
  };
  socket.setTimeout(ms);
  socket.on('timeout', () => {
    if (socket.bytesRead !== readWhenAsked) return;
    const error = new Error(`PostgreSQL was sent a request and said nothing for ${ms} ms`);
    socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  });
  return socket;
}
