/**
 * How slow an upload may be. The server's idle timeout ends a silent one; this ends one that only trickles.
 */
import type { IncomingMessage } from 'node:http';
import { refuse } from '../problems.js';

/**
 * Minimum average rate in each window, in bytes a second: as in Apache (mod_reqtimeout of Debian:
 * body=10,minrate=500). A 56 kbit/s modem sends ten times as much, and GPRS four times; a pause of half a
 * minute can be made up for.
 */
export const LEAST_RATE = 500;
const WINDOW_MS = 60_000;

/**
 * Watches the bytes of a request until the returned function is called. Calls `tooSlow` once, with a Failure
 * (`upload_too_slow`), at the end of a window in which fewer bytes arrived.
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
    // Everything has arrived, or bytes wait here to be taken: then the disk is slow.
    if (came >= least || req.complete || req.readableLength > 0) return;
    clearInterval(timer);
    tooSlow(
      refuse(
        'upload_too_slow',
        `only ${came} bytes arrived in ${windowMs / 1_000} s; an upload needs ${LEAST_RATE} bytes per second; nothing was kept, send the file again over a faster connection, or compress it with gzip`,
      ),
    );
  }, windowMs);
  return () => clearInterval(timer);
}
