/** The spec with which the fixed records of a job are loaded. */
import { OTHER_COLUMNS } from '../modes.js';
import type { Spec } from './spec.js';

/**
 * Derives the spec of fixed records from that of their job. If that job replaced the content of its table, the fixed
 * records are added to the current rows, and change rows with the same key only if `csvjobs.mode` says so. Their empty
 * fields mean NULL, as in the complete file.
 */
export function specOfFixes(spec: Spec): Spec {
  if (!spec.csvjobs?.replace) return spec;
  const { replace, maxRemoved, key, ...block } = spec.csvjobs;
  const { blanks = 'null' } = block;
  const { mode } = block;
  if (mode === undefined) return { ...spec, csvjobs: block };
  const meaning = typeof blanks === 'string' ? blanks : { [OTHER_COLUMNS]: 'null' as const, ...blanks };
  return { ...spec, csvjobs: { ...block, blanks: meaning, ...(mode !== 'reject' && key && { key }) } };
}
