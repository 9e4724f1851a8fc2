/** The error report on its way to a file: written beside it, renamed when it is complete. */
import { randomBytes } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EXIT } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { UserError } from '../userError.js';
import { writeFault } from '../writeFault.js';

/**
 * Saves what `source` gives as `file`; until all of it is there, `file` is untouched. A device or a pipe
 * (/dev/stdout) is written to directly.
 * @throws UserError (exit 2) when it cannot be written; what `source` throws; the abort's reason
 */
export async function saveReport(
  source: AsyncIterable<Uint8Array | string>,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw cannotWrite(file, 'it is a folder');
  if (found && !found.isFile()) return write(source, file, createWriteStream(file), signal);
  const partial = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.part`);
  try {
    await write(source, file, createWriteStream(partial, { flags: 'wx' }), signal);
    await rename(partial, file).catch((error) => {
      throw cannotWrite(file, writeFault(error), error);
    });
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Writes all of `source`; what is thrown says whose fault it was. */
async function write(
  source: AsyncIterable<Uint8Array | string>,
  file: string,
  target: WriteStream,
  signal: AbortSignal,
): Promise<void> {
  // The pipeline ends both sides with either's error: whose it was decides what a person is told.
  let fromSource = false;
  async function* watched() {
    try {
      yield* source;
    } catch (error) {
      fromSource = true;
      throw error;
    }
  }
  try {
    await pipeline(watched, target, { signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (fromSource) throw error;
    throw cannotWrite(file, writeFault(error as NodeJS.ErrnoException), error);
  }
}

function cannotWrite(file: string, why: string, cause?: unknown): UserError {
  return new UserError({
    code: 'file_unwritable',
    exitCode: EXIT.usage,
    what: `${clean(file)} cannot be written`,
    why,
    next: 'give another path to -o',
    cause,
  });
}
