/** Saves the error report: writes it to a file beside the target and renames it when it is complete. */
import { createWriteStream } from 'node:fs';
import { access, constants, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EXIT } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { UserError } from '../userError.js';
import { writeFault } from '../writeFault.js';
import { partFile, removePart, removeStaleParts } from './partFile.js';

/**
 * Saves `source` as `file`; `file` stays untouched until everything has arrived. A device or a pipe
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
  await removeStaleParts(file);
  const part = partFile(file);
  try {
    // Create the file before anything can be interrupted: a file opened later would be left behind.
    const handle = await open(part, 'wx').catch((error) => {
      throw cannotWrite(file, writeFault(error), error);
    });
    await write(source, file, handle.createWriteStream(), signal);
    await rename(part, file).catch((error) => {
      throw cannotWrite(file, writeFault(error), error);
    });
  } finally {
    await removePart(part);
  }
}

/**
 * Checks that `saveReport` could save a file, by creating its part: privileges alone do not tell, because root has them
 * all, also where no file can be created (/proc).
 * @throws the system's error
 */
export async function trySaving(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
  if (found && !found.isFile()) return access(file, constants.W_OK);
  const part = partFile(file);
  try {
    await (await open(part, 'wx')).close();
  } catch (error) {
    const folder = await stat(dirname(file)).catch(() => undefined);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !folder) throw error;
    throw new Error('no file can be created in its folder', { cause: error });
  } finally {
    await removePart(part);
  }
}

/** Writes all of `source`; the error thrown shows which side failed. */
async function write(
  source: AsyncIterable<Uint8Array | string>,
  file: string,
  target: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  // The pipeline closes both sides with the same error, but the user needs to know which side caused it.
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
    next: 'choose another path for -o',
    cause,
  });
}
