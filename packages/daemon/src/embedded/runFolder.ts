/** The private folders in which the servers' Unix sockets lie. */
import { createHash } from 'node:crypto';
import { chmodSync, lchownSync, lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from '../failure.js';
import { giveTo, type Owner } from './postgres/privileges.js';

export interface RunFolder {
  /** The daemon's own. */
  path: string;
  /** PostgreSQL's: one within it where PostgreSQL runs as another user, else the same. */
  postgres: string;
}

/** sun_path of unix(7) has 108 bytes with its closing NUL; 104 on macOS and the BSDs. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;
/** Named by the port, which is always the same. */
const SOCKETS = ['.s.PGSQL.5432', '.s.PGSQL.5432.lock'];

/**
 * DATA_DIR/run, or where that is too long for a socket a short folder among the temporary ones, named by the
 * data folder so that the next start finds it again. Mode 0700: who may enter is all the protection the
 * sockets need. PostgreSQL as another user has a folder of its own in it: where root writes into a folder of somebody
 * else's, that one decides by a symbolic link what root writes to.
 * @throws Failure `run_folder_taken` when the temporary one belongs to somebody else.
 */
export function makeRunFolder(dataDir: string, owner: Owner | undefined): RunFolder {
  const inside = owner === undefined ? '' : 'postgres';
  const candidates = [
    join(dataDir, 'run'),
    ...[tmpdir(), '/tmp'].map((folder) => join(folder, `csvjobs-${digest(dataDir)}`)),
  ];
  const fits = (path: string) => Buffer.byteLength(join(path, inside, SOCKETS[0]!)) <= MAX_SOCKET_PATH;
  const path = candidates.find(fits)!;
  // Others pass to PostgreSQL's folder; the socket of Redis there is its owner's alone (unixsocketperm).
  makeOurs(path, owner === undefined ? 0o700 : 0o711, dirname(path) === dataDir);
  const postgres = join(path, inside);
  if (owner !== undefined) {
    mkdirSync(postgres, { recursive: true, mode: 0o700 });
    giveTo(owner, postgres);
  }
  return { path, postgres };
}

/** Makes a folder, or takes the one that is there; in DATA_DIR also one that an earlier version gave to PostgreSQL. */
function makeOurs(folder: string, mode: number, inDataDir: boolean): void {
  const self = process.getuid?.();
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const found = lstatSync(folder);
    if (!found.isDirectory() || (found.uid !== self && !(inDataDir && self === 0))) {
      throw new Failure(
        'run_folder_taken',
        `The folder for the sockets of the embedded servers, ${folder}, belongs to somebody else. ` +
          'Remove it, or set DATA_DIR to a folder with a shorter path.',
      );
    }
    if (found.uid !== self) lchownSync(folder, process.getuid!(), process.getgid!());
  }
  if ((lstatSync(folder).mode & 0o777) !== mode) chmodSync(folder, mode);
}

/** Takes out what the servers may have left, and the folders where nothing else is in them. */
export function removeRunFolder({ path, postgres }: RunFolder): void {
  for (const folder of new Set([postgres, path])) {
    for (const socket of SOCKETS) rmSync(join(folder, socket), { force: true });
    try {
      rmdirSync(folder);
    } catch (error) {
      // Somebody else's files: not ours to remove, and not by a walk that a link could lead astray.
      if (!['ENOTEMPTY', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
    }
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
