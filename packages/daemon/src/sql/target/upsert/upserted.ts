import type { RefusedRow } from '../oneByOne.js';

/** Outcome of staged rows; each row is counted once. */
export interface Upserted {
  inserted: number;
  updated: number;
  unchanged: number;
  skipped: number;
  refused: RefusedRow[];
}

export function nothingApplied(): Upserted {
  return { inserted: 0, updated: 0, unchanged: 0, skipped: 0, refused: [] };
}

/** Adds the outcome of other rows. */
export function add(
  to: Upserted,
  { refused, ...counts }: Partial<Upserted> & Pick<Upserted, 'refused'>,
): void {
  for (const [name, count] of Object.entries(counts) as [keyof typeof counts, number][]) to[name] += count;
  to.refused = to.refused.concat(refused);
}
