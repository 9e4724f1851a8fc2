/** `now` as a default or a constant of a date or a timestamp: one time for all rows of a job, however often it is resumed. */
import type { Spec } from './spec.js';

export const NOW = 'now';

/** Returns the spec with the time that `now` stands for, if it says `now` and has no such time. @param at of the upload */
export function withTimeOfNow(spec: Spec, at: Date): Spec {
  const { default: defaults = {}, constant = {}, now } = spec.csvjobs ?? {};
  const says = [...Object.values(defaults), ...Object.values(constant)].includes(NOW);
  return !says || now !== undefined ? spec : { ...spec, csvjobs: { ...spec.csvjobs, now: at.toISOString() } };
}

/** Returns the spec without that time, which each upload has of its own. */
export function withoutTimeOfNow(spec: Spec): Spec {
  if (spec.csvjobs?.now === undefined) return spec;
  const { now: _, ...block } = spec.csvjobs;
  return { ...spec, csvjobs: block };
}
