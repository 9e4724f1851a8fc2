/** How slow an upload may be. One that is silent is ended by the server's idle timeout; this ends one that drips. */
import type { IncomingMessage } from 'node:http';
import { refuse } from '../problems.js';

/**
 * Least bytes a second, as an average of each window: what Apache asks for (mod_reqtimeout of Debian: body=10,minrate=500).
 * A modem of 56 kbit/s sends ten times as much, and GPRS four times; what waits half a minute may then catch up.
 */
export const LEAST_RATE = 500;
const WINDOW_MS = 60_000;

/**
 * Watches the bytes of a request until the returned function is called. Calls `tooSlow` once, with a Failure
 * (`upload_too_slow`), at the end of a window in which fewer have come.
 */
export function watchPace(
  req: IncomingMessage,
  tooSlow: (failure: Error) => void,
  windowMs = WINDOW_MS,
): () => void {
  const least = (LEAST_RATE * windowMs) / 1_000;
  const { socket } = req;
  let before = socket.bytesRead;
  const timer = setInterval(() => {
    const came = socket.bytesRead - before;
    before = socket.bytesRead;
    // All is there, or waits here to be taken: then it is the disk that is slow.
    if (came >= least || req.complete || req.readableLength > 0) return;
    clearInterval(timer);
    tooSlow(
      refuse(
        'upload_too_slow',
        `only ${came} bytes came in ${windowMs / 1_000} s; an upload needs ${LEAST_RATE} bytes a second; nothing was kept, send the file again over a faster connection, or compress it with gzip`,
      ),
    );
  }, windowMs);
  return () => clearInterval(timer);
}
