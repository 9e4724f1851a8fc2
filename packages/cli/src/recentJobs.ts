/** The jobs that this user has uploaded from this machine, by the daemon's address: what `@last` means. */
import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from './config/environment.js';

/** So many are kept when the file is cut. */
const KEPT = 100;

/** A file larger than this is cut, bytes: a line has 37. */
const LIMIT = 37 * 1_000;

/** Notes a job. Where that cannot be done (no home, a full disk) the upload is none the worse. */
export function noteJob(url: URL, id: string): void {
  try {
    const file = fileOf(url);
    mkdirSync(stateFolder(), { recursive: true, mode: 0o700 });
    // Appended in one write, so that calls side by side lose nothing.
    appendFileSync(file, `${id}\n`, { mode: 0o600 });
    if (statSync(file).size > LIMIT) writeFileSync(file, `${recentJobs(url).reverse().join('\n')}\n`);
  } catch {}
}

/** Their IDs, newest first; none where none was noted. */
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

function fileOf({ host, protocol }: URL): string {
  return join(stateFolder(), `jobs-${protocol.slice(0, -1)}-${host.replace(/[^\w.-]/g, '_')}`);
}
