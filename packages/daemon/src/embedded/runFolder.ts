/** The private folder in which the servers' Unix sockets lie. */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import { giveTo } from './postgres/privileges.js';

/** sun_path of unix(7) has 108 bytes with its closing NUL; 104 on macOS and the BSDs. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;
/** The longest name in it. */
const LONGEST_NAME = '.s.PGSQL.5432';

/**
 * DATA_DIR/run, or where that is too long for a socket a short folder among the temporary ones, named by the
 * data folder so that the next start finds it again. Mode 0700: who may enter is all the protection the
 * sockets need.
 * @throws Failure `run_folder_taken` when the temporary one belongs to somebody else.
 */
export function makeRunFolder(dataDir: string, owner: { uid: number; gid: number } | undefined): string {
  const candidates = [
    join(dataDir, 'run'),
    ...[tmpdir(), '/tmp'].map((folder) => join(folder, `csvjobs-${digest(dataDir)}`)),
  ];
  const folder = candidates.find((path) => Buffer.byteLength(join(path, LONGEST_NAME)) <= MAX_SOCKET_PATH)!;
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const found = lstatSync(folder);
    const ours = [process.getuid?.(), owner?.uid].includes(found.uid);
    if (!found.isDirectory() || !ours) {
      throw new Failure(
        'run_folder_taken',
        `The folder for the sockets of the embedded servers, ${folder}, belongs to somebody else. ` +
          'Remove it, or set DATA_DIR to a folder with a shorter path.',
      );
    }
  }
  // In this order, and only where needed: after giving it away, root without CAP_FOWNER may not change its mode.
  if ((lstatSync(folder).mode & 0o777) !== 0o700) chmodSync(folder, 0o700);
  giveTo(owner, folder);
  return folder;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
