/** Why something could not be written, for people. */
import { clean } from './text/text.js';

/** errno(3); other codes use the system's own message. */
const REASONS: Partial<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR:
    'a part of its path is not a folder; if there is no home folder, set HOME, or XDG_STATE_HOME and XDG_CONFIG_HOME',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'this user may not write there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota of this user is used up',
  EFBIG: 'the file would exceed the size limit of this user or system (ulimit -f)',
  EIO: 'the device reports an input/output error',
};

export function writeFault({ code = '', message }: NodeJS.ErrnoException): string {
  return REASONS[code] ?? clean(message);
}
