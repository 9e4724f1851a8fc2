/** One call at a time starts or stops the daemon at an address. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateFolder } from '../config/environment.js';
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { writeFault } from '../writeFault.js';
import { recordPaths } from './daemonRecord.js';
import { isRunning, processName } from './processName.js';

/** How long to wait for another call before reporting it, in milliseconds: calls that collide back off and retry. */
const PATIENCE = 1_000;

/**
 * Runs `action` while no other call starts or stops the daemon at this address; `busy` is thrown if one does.
 *
 * Each call writes a claim and then looks for others: of two calls, at least the later one sees the other. A claim is
 * named after its process, so a call that finds the claim of a dead process removes exactly that one. A single lock
 * file cannot do this: a file that looks empty or stale may be another call's live one by the time it is removed. On a
 * busy machine, two daemons were started that way.
 */
export async function exclusively<T>(url: URL, busy: () => Error, action: () => Promise<T>): Promise<T> {
  makeStateFolder();
  const { claim } = recordPaths(url);
  const mine = claim + processName(process.pid);
  const started = performance.now();
  for (;;) {
    writeFileSync(mine, '', { mode: 0o600 });
    if (!othersClaim(claim, mine)) break;
    rmSync(mine, { force: true });
    if (performance.now() - started > PATIENCE) throw busy();
    await sleep(10 + Math.random() * 40);
  }
  try {
    return await action();
  } finally {
    rmSync(mine, { force: true });
  }
}

/** @throws UserError (exit 2) if it cannot be created */
function makeStateFolder(): void {
  try {
    mkdirSync(stateFolder(), { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new UserError({
      code: 'file_unwritable',
      exitCode: EXIT.usage,
      what: `The folder ${stateFolder()} cannot be created`,
      why: writeFault(cause as NodeJS.ErrnoException),
      next: 'XDG_STATE_HOME=/var/lib/csvjobs csvjobs daemon start',
      cause,
    });
  }
}

/** Whether a running process has a claim besides `mine`. Removes claims of dead processes. */
function othersClaim(claim: string, mine: string): boolean {
  let found = false;
  for (const name of readdirSync(stateFolder())) {
    const file = join(stateFolder(), name);
    if (!name.startsWith(basename(claim)) || file === mine) continue;
    const owner = name.slice(basename(claim).length);
    if (isRunning(owner)) found = true;
    else rmSync(file, { force: true });
  }
  return found;
}
