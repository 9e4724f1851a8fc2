import { Socket } from 'node:net';

/**
 * A socket for a connection to PostgreSQL that notices a peer which has gone silent: a request was sent and nothing at
 * all has moved for `ms`. TCP alone waits a quarter of an hour for a peer whose host is gone, and for ever for one
 * behind a proxy that still takes bytes. A connection that is merely idle is left alone, and so is one with TLS, whose
 * bytes do not pass here.
 */
export function watchedSocket(ms: number): Socket {
  const socket = new WatchedSocket();
  socket.setTimeout(ms);
  socket.on('timeout', () => {
    if (socket.bytesWritten === socket.writtenWhenAnswered) return;
    const error = new Error(`PostgreSQL was sent a request and said nothing for ${ms} ms`);
    socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  });
  return socket;
}

/** Not a listener for `data`: pg-copy-streams takes the one that is there away and insists that it is the only one. */
class WatchedSocket extends Socket {
  writtenWhenAnswered = 0;

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    this.writtenWhenAnswered = this.bytesWritten;
    return super.push(chunk, encoding);
  }
}
