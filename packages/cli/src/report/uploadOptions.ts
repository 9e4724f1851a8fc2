/** The options with which the file of a job is uploaded as it was the first time. */
import { CUSTOMERS, type Job, type LoadMode, MAX_REMOVED } from '@csvjobs/shared';
import { shellQuote } from '../text/text.js';

/** What of the block csvjobs of a spec the mode of its job says too, or its table. */
const SAID_ELSEWHERE = new Set([
  ...['into', 'mode', 'key', 'updateOnly', 'atomic', 'dryRun', 'hold', 'maxErrors', 'replace', 'maxRemoved'],
]);

/** Words of a command line. A job with more to its spec is named (`--like`), which takes all of it. */
export function uploadOptions({
  id,
  table,
  spec,
  mode = {},
}: Pick<Job, 'id' | 'table' | 'mode' | 'spec'>): string[] {
  const into = table === undefined || table === CUSTOMERS ? [] : ['--into', shellQuote(table)];
  return [...(hasMore(spec) ? ['--like', id] : into), ...modeOptions(mode)];
}

function hasMore(spec: Job['spec']): boolean {
  const { csvjobs, ...rest } = spec ?? {};
  const block = Object.keys((csvjobs as object | undefined) ?? {});
  return Object.keys(rest).length > 0 || block.some((name) => !SAID_ELSEWHERE.has(name));
}

function removalOptions(maxRemoved: LoadMode['maxRemoved']): string[] {
  return maxRemoved === undefined || maxRemoved === MAX_REMOVED ? [] : ['--max-removed', String(maxRemoved)];
}

function modeOptions({
  onConflict,
  key,
  updateOnly,
  atomic,
  dryRun,
  hold,
  maxErrors,
  replace,
  maxRemoved,
}: LoadMode): string[] {
  const isGate = atomic === true || replace === true;
  return [
    ...(replace
      ? ['--replace', ...removalOptions(maxRemoved)]
      : onConflict
        ? ['--on-conflict', onConflict]
        : []),
    ...(key ? ['--key', shellQuote(key.join(','))] : []),
    ...(updateOnly ? ['--update-only'] : []),
    ...(dryRun ? ['--dry-run'] : []),
    ...(hold ? ['--hold'] : atomic && !replace ? ['--atomic'] : []),
    // Of any other load it needs --watch. A replacement allows none where nobody says more.
    ...(maxErrors !== undefined && !(replace && maxErrors === 0)
      ? [...(isGate ? [] : ['--watch']), '--max-errors', String(maxErrors)]
      : []),
  ];
}
