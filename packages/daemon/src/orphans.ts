/**
 * What uploads left behind when their daemon died: parts of files, and complete files whose job was never
 * inserted (the client got no answer). Only their age distinguishes them from an upload under way, in this
 * process or another; and the clock may have been set ahead by an hour since the file was written. So age
 * alone removes nothing: the file must also have been observed unchanged for a while by a monotonic clock.
 * The observations are noted beside the files: a daemon that runs for only a few minutes continues those of
 * the one before it.
 */
import { z } from 'zod';
import { knownJobs } from './sql/jobs.js';
import type { Pool } from './sql/pool.js';
import { knownUploads } from './sql/resumable/uploads.js';
import { machineRun, steadyMs } from './steadyTime.js';
import type { StoredFile } from './storage/store.js';

/**
 * Longer than a stored file can be without its job: PostgreSQL is asked at most three times, and each time
 * given up after DB_TIMEOUT, two minutes.
 */
const WATCHED_MS = 600_000;

/** Each look lists the folder; even with a tiny ORPHAN_AGE there is a pause between looks. */
const LEAST_INTERVAL_MS = 100;

/** The part of the storage that is needed. */
export interface Files {
  list(): Promise<StoredFile[]>;
  remove(id: string): Promise<void>;
  parts(): Promise<StoredFile[]>;
  removePart(id: string): Promise<void>;
  sweepWorkingFiles(kept: ReadonlySet<string>, ageMs: number): Promise<void>;
  readNote(name: string): Promise<unknown>;
  writeNote(name: string, value: unknown): Promise<void>;
}

/** Observations of a file, over several runs of the machine. */
const sighting = z.object({
  mtimeMs: z.number(),
  /** The run to which `first` and `last` belong. */
  run: z.string(),
  first: z.number(),
  last: z.number(),
  /** How long it was observed in earlier runs, in ms. */
  before: z.number(),
});
type Sighting = z.infer<typeof sighting>;
const sightings = z.record(z.string(), sighting);

export interface OrphanSweeper {
  /** How often to look, in milliseconds. */
  intervalMs: number;
  /**
   * Removes files that have been orphans for long enough; returns the number of parts, and the ids of the
   * files.
   */
  sweep(): Promise<{ parts: number; orphans: string[] }>;
}

/** @param ageMs younger files may belong to an upload under way (ORPHAN_AGE) */
export function createOrphanSweeper(pool: Pool, files: Files, ageMs: number): OrphanSweeper {
  const watchedMs = Math.min(ageMs, WATCHED_MS);
  const parts = new Watched('parts', files, ageMs, watchedMs);
  const stored = new Watched('files', files, ageMs, watchedMs);
  return {
    // Several per watch period: if the machine stops in between, everything up to the last look counts.
    intervalMs: Math.max(watchedMs / 5, Math.min(watchedMs, LEAST_INTERVAL_MS)),
    async sweep() {
      const now = steadyMs();
      const oldParts = await parts.seen(await files.parts(), now);
      const all = await files.list();
      const old = await stored.seen(all, now);
      // A resumable upload may rest for longer (resumable.ts).
      const uploads = await knownUploads(pool, [...oldParts, ...old]);
      const deadParts = oldParts.filter((id) => !uploads.has(id));
      for (const id of deadParts) await files.removePart(id);
      const known = new Set(await knownJobs(pool, old));
      const orphans = old.filter((id) => !known.has(id) && !uploads.has(id));
      for (const id of orphans) await files.remove(id);
      // Files that arrived since are not in the list.
      await files.sweepWorkingFiles(new Set(all.map(({ id }) => id)), Math.max(ageMs, WATCHED_MS));
      return { parts: deadParts.length, orphans };
    },
  };
}

/** The files that are old by the wall clock, and how long they have been observed so. */
class Watched {
  #seen = new Map<string, Sighting>();

  constructor(
    private readonly name: string,
    private readonly notes: Pick<Files, 'readNote' | 'writeNote'>,
    private readonly ageMs: number,
    private readonly watchedMs: number,
  ) {}

  /** Records the current files; returns those that have been old, and not written to, for long enough. */
  async seen(files: readonly StoredFile[], now: number): Promise<string[]> {
    const old = files.filter(({ mtimeMs }) => Date.now() - mtimeMs >= this.ageMs);
    const noted = old.length === 0 ? {} : sightings.safeParse(await this.notes.readNote(this.name)).data;
    const before = this.#seen;
    this.#seen = new Map();
    for (const { id, mtimeMs } of old) {
      // This process's own memory first: others that share the folder write the same note.
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
