import type { RefusedRow } from '../oneByOne.js';

/** What became of staged rows: each is counted once. */
export interface Upserted {
  inserted: number;
  updated: number;
  unchanged: number;
  skipped: number;
  refused: RefusedRow[];
}
