/**
 * Records of uploads in progress, so that a later process can continue them: `csvjobs upload` of the same file, to the
 * same daemon, with the same options. Each is a file in the state folder. If it cannot be written, only the process
 * that started the upload can continue it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { stateFolder } from '../../config/environment.js';
import { isRunning, processName } from '../../localDaemon/processName.js';

/** Abandoned records are removed at this age; daemons do not normally keep an upload that long. */
const FORGET_MS = 7 * 86_400_000;

const recordSchema = z.object({
  /** The path of the upload on the daemon. */
  upload: z.string(),
  /** Its Idempotency-Key. */
  key: z.string(),
  file: z.object({ size: z.number(), mtimeMs: z.number(), start: z.string() }),
  /** The process that sends it, identified by its PID and start time. */
  process: z.string(),
});
export type ResumeRecord = z.infer<typeof recordSchema>;

export interface Records {
  /** Returns the record; undefined if there is none or another process is sending the file. */
  find(): ResumeRecord | undefined;
  note(record: Omit<ResumeRecord, 'process'>): void;
  remove(): void;
}

/** @param what the daemon's address, the file's path, and all options of the upload */
export function resumeRecords(what: unknown): Records {
  const folder = join(stateFolder(), 'uploads');
  const name = createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32);
  const path = join(folder, `${name}.json`);
  const own = processName(process.pid);
  // Whether the record belongs to another running process.
  let isOthers = false;
  return {
    find() {
      const record = readRecord(path);
      isOthers = record !== undefined && record.process !== own && isRunning(record.process);
      return isOthers ? undefined : record;
    },
    note(record) {
      if (isOthers) return;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        forgetOld(folder);
        const written = `${path}.${process.pid}`;
        writeFileSync(written, JSON.stringify({ ...record, process: own }), { mode: 0o600 });
        renameSync(written, path);
      } catch {}
    },
    remove() {
      if (isOthers) return;
      // If it cannot be removed, the next run asks the daemon about it.
      try {
        rmSync(path, { force: true });
      } catch {}
    },
  };
}

function readRecord(path: string): ResumeRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function forgetOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - statSync(path).mtimeMs > FORGET_MS) rmSync(path, { force: true });
  }
}
