/** The sources of a column that is from several fields, one after the other: the first that has a value counts. */
import type { ColumnFrom } from './planColumn.js';

type Several = Extract<ColumnFrom, { kind: 'fields' }>;

export interface Alternative {
  /** Of these, all that have a value are joined with a blank. */
  positions: readonly number[];
  /** One field, whose text is taken to the letter, with what is blank about it. */
  alone: boolean;
}

/** @returns in the order of preference; one where all fields are joined */
export function alternativesOf({ positions, join, groups }: Several): Alternative[] {
  if (join === 'blank') return [{ positions, alone: false }];
  const all = groups ?? positions.map((position) => [position]);
  return all.map((group) => ({ positions: group, alone: group.length === 1 }));
}
