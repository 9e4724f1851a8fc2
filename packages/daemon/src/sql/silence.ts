import { Socket } from 'node:net';

/**
 * A socket for a connection to PostgreSQL that notices a peer which has gone silent: an answer is due, whole or in
 * part, and nothing at all has moved for `ms`. TCP alone waits a quarter of an hour for a peer whose host is gone, and
 * for ever for one behind a proxy that still takes bytes. A connection that is merely idle is left alone.
 */
export function watchedSocket(ms: number): Socket {
  const socket = new WatchedSocket();
  socket.setTimeout(ms);
  socket.on('timeout', () => {
    if (socket.bytesWritten === socket.writtenWhenReady) return;
    // It may have been this process that was silent (stopped, starved): what came meanwhile is read before it is judged.
    const { bytesRead } = socket;
    setImmediate(() => {
      if (socket.bytesRead !== bytesRead) return;
      const error = new Error(`PostgreSQL was sent a request and said nothing for ${ms} ms`);
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    });
  });
  return socket;
}

/** The head of ReadyForQuery (PostgreSQL, chapter 54.7), the last message of every answer; one byte follows. */
const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5]);
/** The answer of one byte to SSLRequest: what follows is TLS and passes elsewhere, so there is nothing to watch. */
const TLS_FOLLOWS = 0x53;

/**
 * Looks at what arrives by way of push, and at what was sent by its count. Not by a listener for `data`: pg-copy-streams
 * takes a socket's one listener away and refuses a socket that has two. Not by a write of its own: connect() puts Node's
 * back in its place.
 */
class WatchedSocket extends Socket {
  /** Bytes that had been sent when the last answer was complete; until more are sent, none is due. */
  writtenWhenReady = 0;
  #end = Buffer.alloc(0);

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk !== null && chunk.length > 0) this.#look(chunk);
    return super.push(chunk, encoding);
  }

  #look(chunk: Buffer): void {
    if (this.#end.length === 0 && chunk.length === 1 && chunk[0] === TLS_FOLLOWS) this.setTimeout(0);
    const length = READY_FOR_QUERY.length + 1;
    // A copy: pg may use the chunk's memory again.
    this.#end = Buffer.concat([this.#end, chunk.subarray(-length)]).subarray(-length);
    if (this.#end.subarray(0, READY_FOR_QUERY.length).equals(READY_FOR_QUERY))
      this.writtenWhenReady = this.bytesWritten;
  }
}
