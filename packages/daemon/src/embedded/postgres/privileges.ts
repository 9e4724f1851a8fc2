/** PostgreSQL refuses to run as root: which user it then runs as, and how. */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../../failure.js';
import { OTHER_WAYS } from './binaries.js';
import { ENVIRONMENT } from './environment.js';

/** The owner of PostgreSQL's files, if that is not the daemon's own user. */
export interface Owner {
  uid: number;
  gid: number;
}

/** How to start a program of PostgreSQL: the command before it, and the options for spawn. */
export interface RunAs {
  /** Set if it is not the daemon's own user: the required owner of PostgreSQL's folders. */
  owner?: Owner;
  command(program: string, args: readonly string[]): [program: string, args: string[]];
  options: { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number };
}

/** The fallback user: `nobody` on every common system. */
const NOBODY = { uid: 65534, gid: 65534 };

/**
 * Returns the owner of PostgreSQL's folders: undefined for the daemon's own user. An existing data folder
 * decides.
 */
export function chooseOwner(dataFolder: string): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(dataFolder)) {
    const { uid, gid } = statSync(dataFolder);
    if (uid !== 0) return { uid, gid };
  }
  return userNamed('postgres') ?? userNamed('nobody') ?? NOBODY;
}

/**
 * Gives a file or folder to the owner, if that is not the daemon's own user.
 * @throws {Failure} `privileges_not_dropped` if the daemon has no right to
 */
export function giveTo(owner: Owner | undefined, path: string): void {
  if (owner === undefined || statSync(path).uid === owner.uid) return;
  try {
    chownSync(path, owner.uid, owner.gid);
  } catch (cause) {
    throw new Failure(
      'privileges_not_dropped',
      `PostgreSQL does not run as root, and ${path} cannot be given to user ${owner.uid}: ` +
        `${(cause as Error).message}. Run the daemon as a normal user. ${OTHER_WAYS}`,
      { cause },
    );
  }
}

/**
 * Runs a shell script as PostgreSQL's user, for changes in its folders: if root made them, a symbolic link
 * there could redirect what root writes. `args` are $1 and up, `input` is its standard input.
 * @throws {Failure} `embedded_postgres_failed` with its output
 */
export function asOwner(as: RunAs, script: string, args: readonly string[], input = ''): void {
  const [program, all] = as.command('/bin/sh', ['-euc', script, 'sh', ...args]);
  const { status, stderr, error } = spawnSync(program, all, { ...as.options, input, encoding: 'utf8' });
  if (status === 0) return;
  throw new Failure(
    'embedded_postgres_failed',
    `${args[0]} cannot be written: ${error?.message ?? stderr.trim()}`,
  );
}

/**
 * Returns the first way to run the program as the owner that really works, tested with the program and all
 * folders:
 * 1. just as that user;
 * 2. as that user with only the capability to pass through folders it may not read (a clone or DATA_DIR under
 * root's home, mode 0700);
 * 3. with the wider capability, if a container's bounding set lacks the first (Docker).
 *
 * Both capabilities need the secure bit no_setuid_fixup: otherwise access(2), with which PostgreSQL looks for
 * its own program, ignores the capabilities of a process whose real user is not root (capabilities(7)).
 * @throws {Failure} `privileges_not_dropped` if none works
 */
export function chooseRunAs(owner: Owner | undefined, program: string, folders: readonly string[]): RunAs {
  const options = { cwd: '/', env: ENVIRONMENT };
  if (owner === undefined) return { command: (path, args) => [path, [...args]], options };

  const ways: RunAs[] = [
    { owner, command: (path, args) => [path, [...args]], options: { ...options, ...owner } },
    ...['dac_read_search', 'dac_override'].map((capability) => ({
      owner,
      command: (path: string, args: readonly string[]): [string, string[]] => [
        'setpriv',
        [
          `--reuid=${owner.uid}`,
          `--regid=${owner.gid}`,
          '--clear-groups',
          '--no-new-privs',
          '--securebits=+no_setuid_fixup',
          `--inh-caps=-all,+${capability}`,
          `--ambient-caps=-all,+${capability}`,
          path,
          ...args,
        ],
      ],
      options,
    })),
  ];
  const troubles: string[] = [];
  for (const way of ways) {
    const trouble = tryOut(way, program, folders);
    if (trouble === undefined) return way;
    troubles.push(trouble);
  }
  throw new Failure(
    'privileges_not_dropped',
    `PostgreSQL does not run as root, and as user ${owner.uid} it cannot reach ${dirname(program)} and ` +
      `${folders.join(', ')} (${troubles.join('; ')}). Run the daemon as a normal user; or move it and DATA_DIR ` +
      `to folders that every user can access (not under /root); or install \`setpriv\` (util-linux). ${OTHER_WAYS}`,
  );
}

/**
 * Undefined if it works. A program that access(2) hides from itself still prints its version, and an error.
 */
function tryOut(way: RunAs, program: string, folders: readonly string[]): string | undefined {
  const script = 'program=$1; shift; for folder; do cd "$folder" || exit; done; exec "$program" --version';
  const [command, args] = way.command('/bin/sh', ['-c', script, 'sh', program, ...folders]);
  const { status, stderr, error } = spawnSync(command, args, { ...way.options, encoding: 'utf8' });
  if (status === 0 && !stderr.includes('invalid binary')) return undefined;
  return error?.message ?? stderr.trim().split('\n')[0] ?? `${program} cannot be run`;
}

function userNamed(name: string): { uid: number; gid: number } | undefined {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':').map(Number) ?? [];
    return uid !== undefined && gid !== undefined && uid > 0 ? { uid, gid } : undefined;
  } catch {
    return undefined; // macOS keeps its users elsewhere; its `nobody` is found by the fallback or not at all
  }
}
