import type { Socket } from 'node:net';

/** The head of ReadyForQuery (PostgreSQL, chapter 54.7), the last message of every answer; one byte follows. */
const READY_FOR_QUERY = Buffer.from([0x5a, 0, 0, 0, 5]);
const LENGTH = READY_FOR_QUERY.length + 1;

/**
 * Makes a connection to PostgreSQL, with TLS or without, fail when the peer has gone silent: an answer, or the rest
 * of one, is due, and no byte has moved for `ms`. TCP alone waits a quarter of an hour for a peer whose host is gone,
 * and forever for one behind a proxy that still takes bytes. A connection that is merely idle is left alone.
 */
export function watchSilence(socket: Socket, ms: number): void {
  const isAnswered = watchAnswers(socket);
  socket.setTimeout(ms);
  socket.on('timeout', () => {
    if (isAnswered()) return;
    // This process itself may have been stopped or starved, so it first reads what has arrived meanwhile.
    const { bytesRead } = socket;
    setImmediate(() => {
      if (socket.bytesRead !== bytesRead) return;
      const error = new Error(`PostgreSQL has not answered a request for ${ms} ms`);
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    });
  });
}

/**
 * Returns a function that says whether the last answer is complete and nothing was sent since. Watches incoming bytes
 * via `push` and outgoing ones via their count. A `data` listener would not work: pg-copy-streams removes a socket's
 * only listener and refuses a socket that has two. Overriding `write` would not work either: connect() puts Node's back
 * in its place.
 */
function watchAnswers(socket: Socket): () => boolean {
  // No answer is due yet.
  let writtenWhenReady = socket.bytesWritten;
  let end = Buffer.alloc(0);
  const push = socket.push.bind(socket);
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk !== null && chunk.length > 0) {
      // Copies, because pg may reuse the chunk's memory.
      end = Buffer.concat([end, chunk.subarray(-LENGTH)]).subarray(-LENGTH);
      if (end.subarray(0, READY_FOR_QUERY.length).equals(READY_FOR_QUERY))
        writtenWhenReady = socket.bytesWritten;
    }
    return push(chunk, encoding);
  };
  return () => socket.bytesWritten === writtenWhenReady;
}
