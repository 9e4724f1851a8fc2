/**
 * The data folder of PostgreSQL (a "database cluster" in its manual): created once, completely or not at all.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { FIRST_START } from '@csvjobs/shared/paths';
import { Failure } from '../../failure.js';
import type { Log } from '../../logType.js';
import type { Binaries } from './binaries.js';
import { asOwner, giveTo, type RunAs } from './privileges.js';

/** The major version of the embedded programs, which cannot open data of another version. */
const MAJOR = '18';
/** Our settings, included by postgresql.conf before its last lines. */
const SETTINGS_FILE = 'csvjobs.conf';
const UNFINISHED = '.unfinished-';
/** Files that root created before it gave the folder away remain. */
const EMPTY = 'cd "$1" 2>/dev/null || exit 0; rm -rf -- ..?* .[!.]* * || true';

export const SUPERUSER = 'postgres';
export const DATABASE = 'csv_app';

/** @throws {Failure} `embedded_postgres_version` if the folder holds data of another major version */
export function checkVersion(data: string): void {
  if (!existsSync(data)) return;
  const file = join(data, 'PG_VERSION');
  const found = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  if (found === MAJOR) return;
  throw new Failure(
    'embedded_postgres_version',
    found === undefined
      ? `${data} is not the data folder of a PostgreSQL (it has no PG_VERSION). Move it away or set DATA_DIR to another folder.`
      : `${data} was written by PostgreSQL ${found}; this csvjobs runs PostgreSQL ${MAJOR}, which cannot open it. ` +
          `Dump it with PostgreSQL ${found} (pg_dump) and load the dump into a new DATA_DIR, or go back to the csvjobs that wrote it.`,
  );
}

/**
 * Creates the data folder with the database `csv_app` unless it exists. It is created under another name and
 * renamed, so that a crash at any moment leaves either nothing or all of it. The parent folder must belong to
 * this user and be locked.
 * @throws {Failure} `embedded_start_aborted` if the signal is aborted: on a busy machine, creating it may take longer
 * than a stop of the daemon may
 */
export async function makeCluster(
  data: string,
  binaries: Binaries,
  as: RunAs,
  log: Log,
  signal: AbortSignal | undefined,
): Promise<void> {
  const above = dirname(data);
  for (const name of readdirSync(above)) {
    if (name.includes(UNFINISHED)) {
      // The initdb of a daemon that was killed may still be writing; this makes it fail and exit.
      asOwner(as, EMPTY, [join(above, name)]);
      rmSync(join(above, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    }
  }
  if (existsSync(data)) return;
  log.info({ data }, FIRST_START);
  const run = (program: string, args: string[], input = '') => runProgram(as, program, args, input, signal);

  const fresh = `${data}${UNFINISHED}${process.pid}`;
  mkdirSync(fresh, { mode: 0o700 });
  giveTo(as.owner, fresh);
  // Trust: only users who can enter the sockets' folder (0700) can connect, and there is no TCP. The
  // collation is PostgreSQL's own C.UTF-8: by code point, with Unicode's case rules, the same with any libc.
  await run(binaries.initdb, [
    ...['-D', fresh, '-U', SUPERUSER, '-E', 'UTF8', '--auth=trust', '--no-instructions', '--no-sync'],
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ]);
  asOwner(
    as,
    'cat >> "$1"',
    [join(fresh, 'postgresql.conf')],
    `\n# Settings of csvjobs for this machine.\ninclude_if_exists = '${SETTINGS_FILE}'\n# Your own below this line win.\n`,
  );
  asOwner(
    as,
    'cat > "$1"',
    [join(fresh, 'pg_hba.conf')],
    '# Unix socket only; its folder is closed to others.\nlocal all all trust\n',
  );
  // A server without a network, for one statement; -F: everything is synced at once afterwards.
  await run(binaries.postgres, ['--single', '-F', '-D', fresh, 'postgres'], `create database ${DATABASE}\n`);
  await run(binaries.initdb, ['--sync-only', '-D', fresh]);
  renameSync(fresh, data);
  syncFolder(above);
}

/** Writes the settings for this start. */
export function writeSettings(data: string, settings: string, as: RunAs): void {
  asOwner(as, 'umask 077; cat > "$1"', [join(data, SETTINGS_FILE)], settings);
}

/**
 * Runs a program and waits for it to exit; ends it when the signal is aborted.
 * @throws {Failure} `embedded_postgres_failed` with its output; `embedded_start_aborted`
 */
async function runProgram(
  as: RunAs,
  program: string,
  args: string[],
  input: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const aborted = () => new Failure('embedded_start_aborted', `${program} was ended: the start was aborted.`);
  if (signal?.aborted) throw aborted();
  const child = spawn(...as.command(program, args), { ...as.options, stdio: ['pipe', 'pipe', 'pipe'] });
  const stop = () => void child.kill();
  signal?.addEventListener('abort', stop);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  }
  child.stdin.on('error', () => {}); // it exited without reading; its exit code decides
  child.stdin.end(input);
  const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, killedBy) => resolve(status ?? killedBy));
  }).finally(() => signal?.removeEventListener('abort', stop));
  if (signal?.aborted) throw aborted();
  // A single-user server exits with 0 even after a failed statement, but prints the error.
  if (code !== 0 || /^\S* ?.*\b(ERROR|FATAL|PANIC):/m.test(said)) {
    throw new Failure('embedded_postgres_failed', `${program} ended with ${code}:\n${said.trim()}`);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
