/** A job's spec as the base for another upload (`--like`, `--fixes`), without what the options contradict. */
import type { Spec } from '@csvjobs/shared';
import { specOfFixes, withoutTimeOfNow } from '@csvjobs/shared/rules';
import type { SpecFlags } from './specOptions.js';

type Flags = Pick<SpecFlags, 'dryRun' | 'hold' | 'onConflict'>;

/** `--dry-run` and `--hold` replace each other. A load whose hold is left out is still one transaction. */
function jobSpec(spec: Spec, { dryRun, hold }: Flags): Spec {
  const { hold: held, dryRun: dry, ...block } = spec.csvjobs ?? {};
  if (held && dryRun) return { ...spec, csvjobs: { ...block, atomic: true } };
  return dry && hold ? { ...spec, csvjobs: block } : spec;
}

/** The same for other files (`--like`): `now` is the time of their own upload. */
export function likeSpec(spec: Spec, flags: Flags): Spec {
  return jobSpec(withoutTimeOfNow(spec), flags);
}

/** The same for fixed records. They never replace a table's content, so `--on-conflict` can say what happens to known keys. */
export function fixedSpec(spec: Spec, flags: Flags): Spec {
  const base = jobSpec(spec, flags);
  const { onConflict: mode } = flags;
  return mode === undefined ? base : specOfFixes({ ...base, csvjobs: { ...base.csvjobs, mode } });
}
