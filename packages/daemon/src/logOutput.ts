import { type DestinationStream, pino } from 'pino';

/** Bytes of the log that are kept for a reader that takes none. What is said beyond them is lost, and told later. */
const KEPT_BYTES = 8 * 2 ** 20;

export interface LogOutput extends DestinationStream {
  /**
   * Takes no more. Resolves when all that was said is written, or after `patienceMs`: its reader may take nothing any
   * more.
   */
  end(patienceMs: number): Promise<void>;
}

/**
 * The log on stdout. Written by other threads, so that a reader that stalls (a pager, a full disk behind a log driver)
 * holds nobody up, and costs `keptBytes` at most. That it cannot be written ends nobody either.
 * @param shown what stands there in place of a line
 *
 * `end` belongs before every process.exit(): pino flushes at the exit what is not yet under way, which then overtakes
 * what is, and tries without end what cannot be written.
 */
export function openLogOutput(keptBytes = KEPT_BYTES, shown = (line: string) => line): LogOutput {
  const destination = pino.destination({ dest: 1, sync: false, maxLength: keptBytes });
  let underWay = false;
  let dropped = 0;
  let ended = false;
  let allWritten = () => {};
  const settled = () => {
    underWay = false;
    allWritten();
  };
  destination.on('drop', () => dropped++);
  // No room in the file that is the log, for one: what could not be written is tried again with the next line.
  // Where the reader is gone there is nobody to write to.
  destination.on('error', ({ code }: NodeJS.ErrnoException) => {
    ended ||= code === 'EPIPE';
    settled();
  });
  // Told when nothing is left to be written.
  destination.on('drain', () => {
    if (dropped === 0) return settled();
    const time = new Date().toISOString();
    const said = { level: 'warn', time, lines: dropped, msg: 'lines of the log are lost: nobody took them' };
    dropped = 0;
    destination.write(shown(`${JSON.stringify(said)}\n`));
  });

  return {
    write(line) {
      if (ended) return;
      underWay = true;
      destination.write(shown(line));
    },
    async end(patienceMs) {
      ended = true;
      if (underWay) {
        await new Promise<void>((resolve) => {
          allWritten = resolve;
          setTimeout(resolve, patienceMs);
        });
      }
      destination.destroy();
    },
  };
}
