import { Socket } from 'node:net';

/**
 * A socket for a connection to PostgreSQL that notices a peer which has gone silent: a request was sent and nothing at
 * all has moved for `ms`. TCP alone waits a quarter of an hour for a peer whose host is gone, and for ever for one
 * behind a proxy that still takes bytes. A connection that is merely idle is left alone.
 */
export function watchedSocket(ms: number): Socket {
  const socket = new Socket();
  let writtenWhenAnswered = 0;
  socket.on('data', () => {
    writtenWhenAnswered = socket.bytesWritten;
  });
  socket.setTimeout(ms);
  socket.on('timeout', () => {
    if (socket.bytesWritten === writtenWhenAnswered) return;
    const error = new Error(`PostgreSQL was sent a request and said nothing for ${ms} ms`);
    socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  });
  return socket;
}
