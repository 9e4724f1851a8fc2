/** Finds the daemon's program. The CLI never imports the daemon: the two meet only in shared and over HTTP. */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { daemonProgramPath, pathFolders } from '../config/environment.js';
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { version } from '../version.js';

const PACKAGE = '@csvjobs/daemon/package.json';

export interface Program {
  command: string;
  args: string[];
}

/**
 * The command that runs csvjobsd: CSVJOBS_DAEMON, otherwise the package @csvjobs/daemon beside the CLI, otherwise from
 * PATH.
 * @throws UserError (exit 2) when there is none
 */
export function findDaemonProgram(): Program {
  const chosen = daemonProgramPath();
  if (chosen !== undefined) {
    if (!readable(chosen)) throw missing(`CSVJOBS_DAEMON is ${chosen}, which does not exist`);
    return programOf(resolve(chosen));
  }
  const installed = fromPackage()?.program;
  if (installed !== undefined) {
    if (!readable(installed))
      throw missing(`${installed} does not exist; in a clone of the repository run: npm run setup`);
    return programOf(installed);
  }
  for (const folder of pathFolders())
    if (readable(join(folder, 'csvjobsd'))) return programOf(join(folder, 'csvjobsd'));
  throw missing('the package @csvjobs/daemon is not installed beside csvjobs, and no csvjobsd is on PATH');
}

/**
 * The command that reads local files by the daemon's rules (check, sniff, map, propose-table). Like findDaemonProgram, but the
 * program that the CLI brings along comes before a csvjobsd on PATH, and before an installed daemon of the same version: it reads
 * the same, and starts with half the CPU time, because it is a few files instead of some hundred.
 * @throws UserError (exit 2) when there is none
 */
export function findFileProgram(): Program {
  const broughtAlong = fileURLToPath(new URL('./files/main.js', import.meta.url));
  if (daemonProgramPath() === undefined && readable(broughtAlong) && isCurrent(broughtAlong))
    return programOf(broughtAlong);
  return findDaemonProgram();
}

/** Whether an installed daemon would read a file no differently. In a clone it may have been compiled since. */
function isCurrent(broughtAlong: string): boolean {
  const installed = fromPackage();
  if (installed === undefined) return true;
  const compiled = statSync(join(installed.folder, 'tsconfig.tsbuildinfo'), { throwIfNoEntry: false });
  return installed.version === version() && !((compiled?.mtimeMs ?? 0) > statSync(broughtAlong).mtimeMs);
}

/** The package @csvjobs/daemon beside the CLI. */
function fromPackage(): { folder: string; version: string; program: string } | undefined {
  let file: string;
  try {
    file = createRequire(import.meta.url).resolve(PACKAGE);
  } catch {
    return undefined;
  }
  const folder = dirname(file);
  const read = JSON.parse(readFileSync(file, 'utf8')) as {
    version: string;
    bin?: { csvjobsd?: string };
  };
  const program = read.bin?.csvjobsd;
  return program === undefined
    ? undefined
    : { folder, version: read.version, program: join(folder, program) };
}

function programOf(path: string): Program {
  return /\.[cm]?js$/.test(path) ? { command: process.execPath, args: [path] } : { command: path, args: [] };
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether npm has installed this program for all folders: `lib/node_modules` of a prefix, `node_modules` of one on
 * Windows.
 */
function isGlobal(): boolean {
  return /[\\/](lib|npm)[\\/]node_modules[\\/]/.test(fileURLToPath(import.meta.url));
}

function missing(why: string): UserError {
  return new UserError({
    code: 'daemon_not_installed',
    exitCode: EXIT.usage,
    what: "The daemon's program (csvjobsd) was not found",
    why,
    next: `npm install ${isGlobal() ? '--global ' : ''}@csvjobs/daemon, or set CSVJOBS_URL to the address of a daemon elsewhere`,
  });
}
