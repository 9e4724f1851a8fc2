/** The private folders of the servers' Unix sockets. */
import { createHash } from 'node:crypto';
import { chmodSync, lchownSync, lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from '../failure.js';
import { giveTo, type Owner } from './postgres/privileges.js';

export interface RunFolder {
  /** The daemon's own. */
  path: string;
  /** PostgreSQL's: a folder within it if PostgreSQL runs as another user, otherwise the same. */
  postgres: string;
}

/** sun_path of unix(7) has 108 bytes with its closing NUL; 104 on macOS and the BSDs. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;
/** Named after the port, which is always the same. */
const SOCKETS = ['.s.PGSQL.5432', '.s.PGSQL.5432.lock'];

/**
 * Creates DATA_DIR/run or, if that is too long for a socket, a short temporary folder, named after the data
 * folder so that the next start finds it again. Mode 0700: folder access is the only protection that the
 * sockets need. If PostgreSQL runs as another user, it gets its own folder inside: if root wrote into another
 * user's folder, that user could redirect the writes with a symbolic link.
 * @throws {Failure} `run_folder_taken` if the temporary folder belongs to another user
 */
export function makeRunFolder(dataDir: string, owner: Owner | undefined): RunFolder {
  const inside = owner === undefined ? '' : 'postgres';
  const candidates = [
    join(dataDir, 'run'),
    ...[tmpdir(), '/tmp'].map((folder) => join(folder, `csvjobs-${digest(dataDir)}`)),
  ];
  const fits = (path: string) => Buffer.byteLength(join(path, inside, SOCKETS[0]!)) <= MAX_SOCKET_PATH;
  const path = candidates.find(fits)!;
  // Other users may pass through to PostgreSQL's folder; only its owner may use the Redis socket there
  // (unixsocketperm).
  makeOurs(path, owner === undefined ? 0o700 : 0o711, dirname(path) === dataDir);
  const postgres = join(path, inside);
  if (owner !== undefined) {
    mkdirSync(postgres, { recursive: true, mode: 0o700 });
    giveTo(owner, postgres);
  }
  return { path, postgres };
}

/**
 * Creates a folder, or takes an existing one; in DATA_DIR also one that an earlier version gave to
 * PostgreSQL.
 */
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
        `The folder for the sockets of the embedded servers, ${folder}, belongs to another user. ` +
          'Remove it, or set DATA_DIR to a folder with a shorter path.',
      );
    }
    if (found.uid !== self) lchownSync(folder, process.getuid!(), process.getgid!());
  }
  if ((lstatSync(folder).mode & 0o777) !== mode) chmodSync(folder, mode);
}

/** Removes what the servers may have left, and the folders if they are empty. */
export function removeRunFolder({ path, postgres }: RunFolder): void {
  for (const folder of new Set([postgres, path])) {
    for (const socket of SOCKETS) rmSync(join(folder, socket), { force: true });
    try {
      rmdirSync(folder);
    } catch (error) {
      // Other users' files: not ours to remove, and never recursively, which a link could lead astray.
      if (!['ENOTEMPTY', 'ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
    }
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
