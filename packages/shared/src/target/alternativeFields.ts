/** Alternatives and the names of their fields. */
import type { Alternative } from './alternative.js';

/** The names of an alternative's fields, in the order in which they are joined. */
export function alternativeFields(alternative: Alternative): readonly string[] {
  return typeof alternative === 'string' ? [alternative] : alternative.combine;
}

/** Builds an alternative as specs write it: a single field by its name. */
export function alternativeOf(fields: readonly string[]): Alternative {
  return fields.length === 1 ? fields[0]! : { combine: [...fields] };
}
