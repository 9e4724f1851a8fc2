/** Turns errors of the file system into failures of the store. */
import { Failure } from '../failure.js';
import { unavailable } from './unavailable.js';

/** No space, no quota, or a file larger than the file system or ulimit allows. */
const NO_ROOM = /^(ENOSPC|EDQUOT|EFBIG)$/;
/** The folder is gone or no longer writable, or its disk is failing (open(2), write(2)). */
const NO_FOLDER = /^(ENOENT|ENOTDIR|EROFS|EACCES|EPERM|EIO|ENODEV|ENXIO|ESTALE)$/;

/** Returns the failure for an error of a write; other errors stay unchanged. */
export function explainedWrite(error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (NO_ROOM.test(code)) {
    return new Failure('disk_full', `the upload cannot be stored: ${message}`, {
      retryable: true,
      cause: error,
    });
  }
  if (NO_FOLDER.test(code)) return unavailable(`the upload folder cannot be written: ${code}`, error);
  return error;
}
