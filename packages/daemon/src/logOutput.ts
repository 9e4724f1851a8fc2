import { type DestinationStream, pino } from 'pino';

/**
 * Maximum size of the log kept for a reader that takes nothing, in bytes. Lines beyond it are lost, which is
 * logged later.
 */
const KEPT_BYTES = 8 * 2 ** 20;

export interface LogOutput extends DestinationStream {
  /**
   * Accepts no more lines. Resolves when all lines are written, or after `patienceMs`, because its reader may
   * have stopped reading.
   */
  end(patienceMs: number): Promise<void>;
}

/**
 * The log on stdout. Other threads write it, so that a stalled reader (a pager, a full disk behind a log
 * driver) delays nothing, and costs at most `keptBytes`. A log that cannot be written never stops the
 * process.
 *
 * Call `end` before every process.exit(): at exit, pino flushes what is not yet being written, which then
 * overtakes what is, and retries without end what cannot be written.
 * @param shown what to print instead of a line
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
  // For example, no space for the log file: the next line retries what could not be written. If the reader is
  // gone, there is nothing left to do.
  destination.on('error', ({ code }: NodeJS.ErrnoException) => {
    ended ||= code === 'EPIPE';
    settled();
  });
  // Called when nothing is left to be written.
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
