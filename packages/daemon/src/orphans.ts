/**
 * What uploads left behind whose daemon died under them: parts of files, and whole files whose job was not put in any
 * more (its client had no answer). They cannot be told from an upload that is under way, in this process or another, but
 * by their age; and the clock that tells it may have been set an hour ahead since the file was written. So age alone
 * removes nothing: this process must also have seen the file, as it is, for a while by a clock that nobody sets.
 */
import { knownJobs } from './sql/jobs.js';
import type { Pool } from './sql/pool.js';
import type { StoredFile } from './storage/storage.js';

/**
 * Longer than a stored file is without its job: PostgreSQL is asked three times at most, and given up after DB_TIMEOUT,
 * two minutes, each time.
 */
const WATCHED_MS = 600_000;

/** What is needed of the storage. */
export interface Files {
  list(): Promise<StoredFile[]>;
  remove(id: string): Promise<void>;
  parts(): Promise<StoredFile[]>;
  removePart(id: string): Promise<void>;
}

export interface Orphanage {
  /** How often to look, in milliseconds: what is old at one look is removed at the next. */
  intervalMs: number;
  /** Removes what has been an orphan for long enough; returns how many parts, and which files. */
  look(): Promise<{ parts: number; orphans: string[] }>;
}

/** @param ageMs younger files may belong to an upload under way (ORPHAN_AGE) */
export function createOrphanage(pool: Pool, files: Files, ageMs: number): Orphanage {
  const watchedMs = Math.min(ageMs, WATCHED_MS);
  const parts = new Watched(ageMs, watchedMs);
  const stored = new Watched(ageMs, watchedMs);
  return {
    intervalMs: watchedMs,
    async look() {
      const deadParts = parts.seen(await files.parts());
      for (const id of deadParts) await files.removePart(id);
      const old = stored.seen(await files.list());
      const known = new Set(await knownJobs(pool, old));
      const orphans = old.filter((id) => !known.has(id));
      for (const id of orphans) await files.remove(id);
      return { parts: deadParts.length, orphans };
    },
  };
}

/** The files that are old by the clock of the wall, and since when they have been seen so. */
class Watched {
  #since = new Map<string, { mtimeMs: number; since: number }>();

  constructor(
    private readonly ageMs: number,
    private readonly watchedMs: number,
  ) {}

  /** Takes in what is there now; returns which of it has been old, and not written to, for long enough. */
  seen(files: readonly StoredFile[]): string[] {
    const now = performance.now();
    const before = this.#since;
    this.#since = new Map();
    for (const { id, mtimeMs } of files) {
      if (Date.now() - mtimeMs < this.ageMs) continue;
      const known = before.get(id);
      this.#since.set(id, known?.mtimeMs === mtimeMs ? known : { mtimeMs, since: now });
    }
    return [...this.#since].filter(([, { since }]) => now - since >= this.watchedMs).map(([id]) => id);
  }
}
