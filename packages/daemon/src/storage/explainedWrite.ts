/** What the file system refuses, in the words of a store. */
import { Failure } from '../failure.js';
import { unavailable } from './unavailable.js';

/** No room, no quota, or a file beyond what the file system or ulimit takes. */
const NO_ROOM = /^(ENOSPC|EDQUOT|EFBIG)$/;
/** The folder is gone, may not be written any more, or its disk is failing (open(2), write(2)). */
const NO_FOLDER = /^(ENOENT|ENOTDIR|EROFS|EACCES|EPERM|EIO|ENODEV|ENXIO|ESTALE)$/;

/** The failure of a write; other errors stay as they are. */
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
