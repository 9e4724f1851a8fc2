/** stdout: everything written arrives, or the program reports that it did not. */
import { fstatSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { EXIT } from './exitCodes.js';
import { ReaderGone, UserError } from './userError.js';
import { writeFault } from './writeFault.js';

/**
 * Returns stdout; if it is a file or a device, as a stream that writes a whole chunk or fails. Node's own stream treats
 * a short write (write(2): the disk has become full, or the file has reached its size limit) as a complete one: of
 * 100,000 bytes under `ulimit -f 10` it lost 89,760 and exited with 0.
 */
export function wholeStdout(stdout: NodeJS.WriteStream & { fd: number }): NodeJS.WriteStream {
  const { fd, isTTY } = stdout;
  if (isTTY || !isFileOrDevice(fd)) return stdout;
  const whole = new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        // Unlike writeSync, continues until everything is written.
        writeFileSync(fd, chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  // Nothing asks a stream that is not a terminal for what only terminals have (columns, cursors).
  return whole as unknown as NodeJS.WriteStream;
}

function isFileOrDevice(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFile() || found.isCharacterDevice();
  } catch {
    return false;
  }
}

interface Streams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  signal: AbortSignal;
  abort(reason: Error): void;
}

/**
 * Aborts the command if stdout cannot be written any more: with `ReaderGone` (EPIPE) if its reader has closed it,
 * otherwise with the UserError that stops the program. Without stderr the work continues unseen.
 */
export function watchOutput({ stdout, stderr, signal, abort }: Streams): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (signal.aborted) return;
    abort(error.code === 'EPIPE' ? new ReaderGone() : outputFailed(error));
  });
  stderr.on('error', () => {});
}

/** Waits until stdout has accepted everything; resolves with the error if it has not, except for EPIPE. */
export async function outputFailure(stdout: NodeJS.WriteStream): Promise<UserError | undefined> {
  await new Promise<void>((resolve) => stdout.write('', () => resolve()));
  const error = stdout.errored as NodeJS.ErrnoException | null;
  return error && error.code !== 'EPIPE' ? outputFailed(error) : undefined;
}

function outputFailed(error: NodeJS.ErrnoException): UserError {
  return new UserError({
    code: 'output_failed',
    exitCode: EXIT.unexpected,
    what: 'Cannot write to stdout: the output is incomplete',
    why: writeFault(error),
    next: 'free some space or redirect stdout elsewhere; the command may already have taken effect (csvjobs list)',
    cause: error,
  });
}
