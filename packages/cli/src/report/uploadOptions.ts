/** The options for uploading a job's file again in the same way. */
import type { Job, LoadMode } from '@csvjobs/shared';
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { MAX_REMOVED } from '@csvjobs/shared/rules';
import { shellQuote } from '../text/text.js';

/** Properties of a spec's csvjobs block that the job's mode or its table also contain. */
const SAID_ELSEWHERE = new Set([
  ...['into', 'mode', 'key', 'updateOnly', 'atomic', 'dryRun', 'hold', 'maxErrors', 'replace', 'maxRemoved'],
]);

/**
 * Returns words of a command line. If the job's spec has more than that, names the job (`--like`), which includes all
 * of it.
 */
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
    // A replacement allows none by default.
    ...(maxErrors !== undefined && !(replace && maxErrors === 0) ? ['--max-errors', String(maxErrors)] : []),
  ];
}
