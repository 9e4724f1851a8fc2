/** The sources of a column that several fields can fill, in order: the first one with a value counts. */
import type { ColumnFrom } from './planColumn.js';

type Several = Extract<ColumnFrom, { kind: 'fields' }>;

export interface Alternative {
  /** All of these fields that have a value are joined with a blank. */
  positions: readonly number[];
  /** A single field, whose text is used unchanged, including blanks around it. */
  alone: boolean;
}

/** @returns in order of preference; a single one if all fields are joined */
export function alternativesOf({ positions, join, groups }: Several): Alternative[] {
  if (join === 'blank') return [{ positions, alone: false }];
  const all = groups ?? positions.map((position) => [position]);
  return all.map((group) => ({ positions: group, alone: group.length === 1 }));
}
