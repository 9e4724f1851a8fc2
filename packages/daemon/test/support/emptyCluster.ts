/**
 * The empty data folder that each PostgreSQL of the tests starts with. One run of the tests makes it once by initdb, which takes 1.2 CPU
 * seconds; the other servers get a copy, which takes 0.1 in memory (scripts/memoryFolder.mjs).
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The variable with its path, for the workers of this run. Without it each server has its own initdb. */
export const EMPTY_CLUSTER = 'CSVJOBS_TEST_EMPTY_CLUSTER';

/** Fills a data folder that does not exist yet. @param initdb makes one */
export async function fillEmpty(data: string, initdb: (data: string) => Promise<unknown>): Promise<void> {
  const kept = process.env[EMPTY_CLUSTER];
  if (kept !== undefined && existsSync(kept)) return copy(kept, data);
  await initdb(data);
  if (kept === undefined) return;
  const mine = `${kept}.${randomUUID()}`;
  await copy(data, mine);
  // Another worker may have been faster.
  await rename(mine, kept).catch(() => rm(mine, { recursive: true }));
}

/** With owners and modes, which PostgreSQL insists on. */
async function copy(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to]);
}
