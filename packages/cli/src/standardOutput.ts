/** stdout: all that is written arrives, or the program says that it did not. */
import { fstatSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { EXIT } from './exitCodes.js';
import { ReaderGone, UserError } from './userError.js';
import { writeFault } from './writeFault.js';

/**
 * stdout, where it is a file or a device as a stream that writes all of a chunk or fails. Node's own takes a short write
 * (write(2): the disk has become full, or the file is as large as it may be) for a whole one: of 100,000 bytes under
 * `ulimit -f 10` it lost 89,760 with exit 0.
 */
export function wholeStdout(stdout: NodeJS.WriteStream & { fd: number }): NodeJS.WriteStream {
  const { fd, isTTY } = stdout;
  if (isTTY || !isFileOrDevice(fd)) return stdout;
  const whole = new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        // Goes on until all is written, other than writeSync.
        writeFileSync(fd, chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  // Of what only terminals have (columns, cursors), nothing is asked of a stream that is none.
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
 * Aborts the call when stdout can be written no longer: with `ReaderGone` (EPIPE) where its reader has had enough, else
 * with the UserError that ends the program. Without stderr the work goes on unseen.
 */
export function watchOutput({ stdout, stderr, signal, abort }: Streams): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (signal.aborted) return;
    abort(error.code === 'EPIPE' ? new ReaderGone() : outputFailed(error));
  });
  stderr.on('error', () => {});
}

/** Waits until stdout has taken all; resolves with why it has not, EPIPE aside. */
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
    next: 'make room or redirect stdout elsewhere; the command may have taken effect already (csvjobs list)',
    cause: error,
  });
}
