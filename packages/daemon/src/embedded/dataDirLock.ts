/**
 * One daemon per data folder. Every contender writes its own file, named after its process, and then looks at
 * the others: of two that start at once, the one that looks later sees the earlier file, so the two can never
 * both hold the lock. A file whose process is gone (kill -9, power cut) is removed by any process that sees
 * it; names are never reused, so this cannot hit a living process. Node has no flock(2), and a single file
 * that is taken over when stale has a moment in which two processes can take it.
 *
 * Limit: daemons in two containers with the same volume do not see each other's processes.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import { pause, processIdentity } from './processes.js';

const PREFIX = 'daemon-';
const CLAIM = '.claim';
const HELD = '.held';
const POLL = 10;

interface Claim {
  /** File name without its extension. */
  name: string;
  pid: number;
  /** Its process identity; the name is that of the file of earlier versions. */
  incarnation: string;
}

/** Held until released; releasing twice is harmless. */
export interface DataDirLock {
  release(): void;
}

/**
 * Takes the lock of a data folder, which must exist.
 * @throws {Failure} `data_dir_locked` if another living process, or this one, holds it
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const own: Claim = {
    name: `${PREFIX}${process.pid}-${randomUUID()}`,
    pid: process.pid,
    incarnation: (await processIdentity(process.pid)) ?? 'unknown',
  };
  const claim = join(dataDir, own.name + CLAIM);
  const held = join(dataDir, own.name + HELD);
  const release = () => {
    rmSync(held, { force: true });
    rmSync(claim, { force: true });
  };
  // Renamed into place: no process reads half a claim.
  writeFileSync(`${claim}.new`, JSON.stringify(own), { mode: 0o600 });
  renameSync(`${claim}.new`, claim);
  try {
    for (;;) {
      const others = await livingClaims(dataDir, own.name);
      if (others.length === 0) break;
      // Among mere contenders, the first by name continues and the others give way.
      const winner = others.find((other) => isHeld(dataDir, other) || other.name < own.name);
      if (winner !== undefined) throw locked(dataDir, winner.pid);
      await pause(POLL);
    }
    writeFileSync(held, '', { mode: 0o600 });
    return { release };
  } catch (error) {
    release();
    throw error;
  }
}

/** The claims of other living processes; those of dead ones are removed. */
async function livingClaims(dataDir: string, ownName: string): Promise<Claim[]> {
  const living: Claim[] = [];
  for (const file of readdirSync(dataDir)) {
    if (!file.startsWith(PREFIX) || !file.endsWith(CLAIM)) continue;
    const claim = readClaim(join(dataDir, file));
    if (claim === undefined || claim.name === ownName) continue;
    if ((await processIdentity(claim.pid)) === claim.incarnation) living.push(claim);
    else for (const ending of [HELD, CLAIM]) rmSync(join(dataDir, claim.name + ending), { force: true });
  }
  return living;
}

function readClaim(path: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Claim;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // released meanwhile
    if (!(error instanceof SyntaxError)) throw error;
    rmSync(path, { force: true }); // emptied by a power cut: its process is gone
    return undefined;
  }
}

function isHeld(dataDir: string, claim: Claim): boolean {
  return readdirSync(dataDir).includes(claim.name + HELD);
}

function locked(dataDir: string, pid: number): Failure {
  return new Failure(
    'data_dir_locked',
    `Another daemon of csvjobs (process ${pid}) is using the data folder ${dataDir}. ` +
      'Stop that one, or give this one a folder of its own with DATA_DIR.',
  );
}
