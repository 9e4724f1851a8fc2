/** Which columns a file must have a field for. */
import type { Target, TargetColumn } from './target.js';

/**
 * Whether a file must have a field for a column: it may not be empty, and nothing else fills it. A domain refuses NULL
 * before a trigger can fill the column.
 */
export function isRequired(target: Pick<Target, 'triggers'>, column: TargetColumn): boolean {
  return isUnfilledByDomain(column) || (column.notNull && !changesRows(target) && isUnfilled(column));
}

/** Whether the domain of a column refuses NULL, by NOT NULL or a check, and nothing but a file or a trigger fills the column. */
export function isUnfilledByDomain(column: TargetColumn): boolean {
  const { domain } = column.type;
  return (domain?.notNull === true || domain?.refusesNull === true) && isUnfilled(column);
}

/** Whether nothing but a file or a trigger fills a column. */
export function isUnfilled({
  default: value,
  identity,
  generated,
}: Pick<TargetColumn, 'default' | 'identity' | 'generated'>): boolean {
  return value === null && identity === null && generated === null;
}

/**
 * Whether row triggers before or instead of the insert may change rows: then no fault can be found in advance, and they may
 * fill columns that a file leaves empty.
 */
export function changesRows({ triggers }: Pick<Target, 'triggers'>): boolean {
  return triggers.some(
    ({ timing, level, events }) => timing !== 'after' && level === 'row' && events.includes('insert'),
  );
}
