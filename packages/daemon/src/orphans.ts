/**
 * What uploads left behind whose daemon died under them: parts of files, and whole files whose job was not put in any
 * more (its client had no answer). They cannot be told from an upload that is under way, in this process or another, but
 * by their age; and the clock that tells it may have been set an hour ahead since the file was written. So age alone
 * removes nothing: the file must also have been seen, as it is, for a while by a clock that nobody sets. What was seen is
 * noted beside the files: a daemon that runs for a few minutes only goes on from what the one before it saw.
 */
import { z } from 'zod';
import { knownJobs } from './sql/jobs.js';
import type { Pool } from './sql/pool.js';
import { machineRun, steadyMs } from './steadyTime.js';
import type { StoredFile } from './storage/store.js';

/**
 * Longer than a stored file is without its job: PostgreSQL is asked three times at most, and given up after DB_TIMEOUT,
 * two minutes, each time.
 */
const WATCHED_MS = 600_000;

/** A look lists the folder; where ORPHAN_AGE is tiny it is not done without a pause. */
const LEAST_INTERVAL_MS = 100;

/** What is needed of the storage. */
export interface Files {
  list(): Promise<StoredFile[]>;
  remove(id: string): Promise<void>;
  parts(): Promise<StoredFile[]>;
  removePart(id: string): Promise<void>;
  sweepWorkingFiles(kept: ReadonlySet<string>, ageMs: number): Promise<void>;
  readNote(name: string): Promise<unknown>;
  writeNote(name: string, value: unknown): Promise<void>;
}

/** A file as it was seen, in one run of the machine after the other. */
const sighting = z.object({
  mtimeMs: z.number(),
  /** The run that `first` and `last` are of. */
  run: z.string(),
  first: z.number(),
  last: z.number(),
  /** For how long it was watched in earlier runs, in ms. */
  before: z.number(),
});
type Sighting = z.infer<typeof sighting>;
const sightings = z.record(z.string(), sighting);

export interface Orphanage {
  /** How often to look, in milliseconds. */
  intervalMs: number;
  /** Removes what has been an orphan for long enough; returns how many parts, and which files. */
  look(): Promise<{ parts: number; orphans: string[] }>;
}

/** @param ageMs younger files may belong to an upload under way (ORPHAN_AGE) */
export function createOrphanage(pool: Pool, files: Files, ageMs: number): Orphanage {
  const watchedMs = Math.min(ageMs, WATCHED_MS);
  const parts = new Watched('parts', files, ageMs, watchedMs);
  const stored = new Watched('files', files, ageMs, watchedMs);
  return {
    // Several in the time of a watch: where the machine is stopped in between, what was seen until the last one counts.
    intervalMs: Math.max(watchedMs / 5, Math.min(watchedMs, LEAST_INTERVAL_MS)),
    async look() {
      const now = steadyMs();
      const deadParts = await parts.seen(await files.parts(), now);
      for (const id of deadParts) await files.removePart(id);
      const all = await files.list();
      const old = await stored.seen(all, now);
      const known = new Set(await knownJobs(pool, old));
      const orphans = old.filter((id) => !known.has(id));
      for (const id of orphans) await files.remove(id);
      // What came since is not in the list.
      await files.sweepWorkingFiles(new Set(all.map(({ id }) => id)), Math.max(ageMs, WATCHED_MS));
      return { parts: deadParts.length, orphans };
    },
  };
}

/** The files that are old by the clock of the wall, and for how long they have been seen so. */
class Watched {
  #seen = new Map<string, Sighting>();

  constructor(
    private readonly name: string,
    private readonly notes: Pick<Files, 'readNote' | 'writeNote'>,
    private readonly ageMs: number,
    private readonly watchedMs: number,
  ) {}

  /** Takes in what is there now; returns which of it has been old, and not written to, for long enough. */
  async seen(files: readonly StoredFile[], now: number): Promise<string[]> {
    const old = files.filter(({ mtimeMs }) => Date.now() - mtimeMs >= this.ageMs);
    const noted = old.length === 0 ? {} : sightings.safeParse(await this.notes.readNote(this.name)).data;
    const before = this.#seen;
    this.#seen = new Map();
    for (const { id, mtimeMs } of old) {
      // One's own memory first: others that share the folder write the same note.
      const known = [before.get(id), noted?.[id]].find((each) => each?.mtimeMs === mtimeMs);
      this.#seen.set(id, seenAgain(known, mtimeMs, now));
    }
    if (before.size + this.#seen.size > 0)
      await this.notes.writeNote(this.name, Object.fromEntries(this.#seen));
    return [...this.#seen].filter(([, each]) => watchedFor(each) >= this.watchedMs).map(([id]) => id);
  }
}

function seenAgain(known: Sighting | undefined, mtimeMs: number, now: number): Sighting {
  if (known?.run === machineRun && known.last <= now) return { ...known, last: now };
  return { mtimeMs, run: machineRun, first: now, last: now, before: known ? watchedFor(known) : 0 };
}

function watchedFor({ before, first, last }: Sighting): number {
  return before + last - first;
}
