/** The jobs that this user has uploaded from this machine, per daemon address; `@last` refers to them. */
import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from './config/environment.js';

/** Number of jobs kept when the file is truncated. */
const KEPT = 100;

/** Size in bytes from which the file is truncated; a line has 37. */
const LIMIT = 37 * 1_000;

/** Records a job. A failure (no home, a full disk) does not affect the upload. */
export function noteJob(url: URL, id: string): void {
  try {
    const file = fileOf(url);
    mkdirSync(stateFolder(), { recursive: true, mode: 0o700 });
    // Appended in one write, so that concurrent calls lose nothing.
    appendFileSync(file, `${id}\n`, { mode: 0o600 });
    if (statSync(file).size > LIMIT) writeFileSync(file, `${recentJobs(url).reverse().join('\n')}\n`);
  } catch {}
}

/** Returns the recorded IDs, newest first; empty if there are none. */
export function recentJobs(url: URL): string[] {
  try {
    const ids = readFileSync(fileOf(url), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return ids.slice(-KEPT).reverse();
  } catch {
    return [];
  }
}

/** Names of this machine; a daemon that listens on one of them is usually called by any. */
const THIS_MACHINE = /^(localhost|\[::1\])(?=:|$)/;

function fileOf({ host: called, protocol }: URL): string {
  const host = called.replace(THIS_MACHINE, '127.0.0.1');
  return join(stateFolder(), `jobs-${protocol.slice(0, -1)}-${host.replace(/[^\w.-]/g, '_')}`);
}
