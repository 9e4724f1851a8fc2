/** The body of a request that writes to an upload: streamed until it ends, breaks or is stopped. */
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { refuse } from '../../problems.js';
import { LEAST_RATE, watchPace } from '../pace.js';

export interface Body {
  stream: AsyncIterable<Buffer>;
  /** Milliseconds since the last bytes arrived. */
  silentMs(): number;
  /** Removes all watchers. */
  leave(): void;
}

/**
 * Opens a body. It never destroys the request, because that would close the connection before the client has
 * its answer.
 * @param stop ends the stream with its reason
 * @param paceMs as for `watchPace`
 */
export function openBody(req: IncomingMessage, stop: AbortController, paceMs?: number): Body {
  const through = new PassThrough({ highWaterMark: 256 * 1024 });
  // The reader gets the error too; without a listener, it would crash the process while no one reads.
  through.on('error', () => {});
  let heard = performance.now();
  const end = (error: unknown) => {
    req.unpipe(through);
    through.destroy(error as Error);
  };
  const broken = () => {
    if (!req.complete)
      stop.abort(
        refuse('upload_truncated', `the connection was closed in the middle of the upload; ${KEPT}`),
      );
  };
  const silent = () => {
    const { timeout } = req.socket;
    const detail = `nothing arrived for ${timeout} ms (UPLOAD_IDLE_TIMEOUT) in the middle of the upload; ${KEPT}`;
    stop.abort(refuse('request_timeout', detail));
  };
  stop.signal.addEventListener('abort', () => end(stop.signal.reason));
  if (stop.signal.aborted) end(stop.signal.reason);
  req.once('error', broken);
  req.once('close', broken);
  // Node emits this first; without a listener it would cut the connection, and with it the answer.
  req.on('timeout', silent);
  const leavePace = watchPace(
    req,
    () =>
      stop.abort(
        refuse(
          'upload_too_slow',
          `an upload needs ${LEAST_RATE} bytes per second, and fewer arrived; ${KEPT}`,
        ),
      ),
    paceMs,
  );
  if (!stop.signal.aborted) req.pipe(through);
  return {
    stream: (async function* () {
      for await (const chunk of through as AsyncIterable<Buffer>) {
        heard = performance.now();
        yield chunk;
      }
    })(),
    silentMs: () => performance.now() - heard,
    leave: () => {
      leavePace();
      req.off('error', broken);
      req.off('close', broken);
      req.off('timeout', silent);
    },
  };
}

const KEPT = 'what arrived is kept: continue at the Upload-Offset of HEAD';
