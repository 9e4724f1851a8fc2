// How long the last runs of `npm test` took here: .cache/test-times.json, which git ignores.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** So many runs are kept: enough that one on a busy machine does not change the median. */
const KEPT = 9;

/** One sentence for the start of a run. */
export function expectedTime(file) {
  const seconds = timesIn(file).toSorted((a, b) => a - b);
  if (seconds.length === 0)
    return 'npm test takes about 20 minutes on two idle cores; no run was timed here yet';
  const median = seconds[Math.floor(seconds.length / 2)];
  const runs = seconds.length === 1 ? 'as the last run did' : `the median of the last ${seconds.length} runs`;
  return `npm test takes about ${inWords(median)} here (${runs})`;
}

/** Keeps the time of a whole run, in seconds. */
export function keepTime(file, seconds) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify([...timesIn(file), Math.round(seconds)].slice(-KEPT))}\n`);
}

/** None where nothing was kept, or what was kept is no list of numbers. */
function timesIn(file) {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(kept) ? kept.filter(Number.isFinite) : [];
  } catch {
    return [];
  }
}

function inWords(seconds) {
  return seconds < 90 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}
