// One set-up at a time in a clone. A lock whose process is gone is taken over.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A lock without a readable owner is somebody just making it, or somebody who died at that; in milliseconds. */
const ANONYMOUS_FOR = 5000;

/** Does the work while holding the lock folder; waits while another living process holds it. */
export async function withLock(folder, work) {
  mkdirSync(dirname(folder), { recursive: true });
  let told = false;
  while (!tryMake(folder)) {
    if (isAbandoned(folder)) {
      takeAway(folder);
      continue;
    }
    if (!told) process.stdout.write('(waiting for another set-up in this folder) ');
    told = true;
    await pause(100);
  }
  // Ctrl-C ends us without the `finally`.
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function tryMake(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(folder, 'owner'), `${process.pid} ${processIdentity(process.pid)}`);
  return true;
}

function isAbandoned(folder) {
  try {
    const [pid, ...rest] = readFileSync(join(folder, 'owner'), 'utf8').split(' ');
    if (rest.length > 0) return processIdentity(Number(pid)) !== rest.join(' ');
  } catch {}
  const age = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  return age !== undefined && Date.now() - age > ANONYMOUS_FOR;
}

/** Removes an abandoned lock. The guard keeps two from doing it, of whom the second would hit the first's new one. */
function takeAway(folder) {
  const guard = `${folder}.takeover`;
  const age = statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
  if (age !== undefined && Date.now() - age > ANONYMOUS_FOR) rmSync(guard, { recursive: true, force: true });
  try {
    mkdirSync(guard);
  } catch {
    return;
  }
  if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true });
  rmSync(guard, { recursive: true, force: true });
}

/** The start time of a process, which tells it from a later one with the same id; '' when there is none. */
function processIdentity(pid) {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : fields[19];
  } catch {
    return '';
  }
}
