import type { Socket } from 'node:net';

/** The head of ReadyForQuery (PostgreSQL, chapter 54.7), the last message of every answer; one byte follows. */
const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5]);
const LENGTH = READY_FOR_QUERY.length + 1;

/**
 * Has a connection to PostgreSQL, with TLS or without, notice a peer that has gone silent: an answer is due, whole or in part,
 * and nothing at all has moved for `ms`. TCP alone waits a quarter of an hour for a peer whose host is gone, and for ever for
 * one behind a proxy that still takes bytes. A connection that is merely idle is left alone.
 */
export function watchSilence(socket: Socket, ms: number): void {
  const isAnswered = watchAnswers(socket);
  socket.setTimeout(ms);
  socket.on('timeout', () => {
    if (isAnswered()) return;
    // It may have been this process that was silent (stopped, starved): what came meanwhile is read before it is judged.
    const { bytesRead } = socket;
    setImmediate(() => {
      if (socket.bytesRead !== bytesRead) return;
      const error = new Error(`PostgreSQL was sent a request and said nothing for ${ms} ms`);
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    });
  });
}

/**
 * Whether an answer is complete and nothing was sent since. Looks at what arrives by way of push, and at what was sent by its
 * count. Not by a listener for `data`: pg-copy-streams takes a socket's one listener away and refuses a socket that has two. Not
 * by a write of its own: connect() puts Node's back in its place.
 */
function watchAnswers(socket: Socket): () => boolean {
  // Nothing is due yet.
  let writtenWhenReady = socket.bytesWritten;
  let end = Buffer.alloc(0);
  const push = socket.push.bind(socket);
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk !== null && chunk.length > 0) {
      // A copy: pg may use the chunk's memory again.
      end = Buffer.concat([end, chunk.subarray(-LENGTH)]).subarray(-LENGTH);
      if (end.subarray(0, READY_FOR_QUERY.length).equals(READY_FOR_QUERY))
        writtenWhenReady = socket.bytesWritten;
    }
    return push(chunk, encoding);
  };
  return () => socket.bytesWritten === writtenWhenReady;
}
