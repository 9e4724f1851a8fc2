/** The outcome of rows in words: the good ones or, if rows may be updated or skipped, what was done with them. */
import type { ModeCounts } from '@csvjobs/shared';
import { count } from './text.js';

/** Names of the counts, in this order. A count of zero is left out if others are not zero. */
const NAMES = ['inserted', 'updated', 'unchanged', 'skipped', 'removed'] as const;

/** `1,000 inserted`, `500 updated`, …: never empty, and `0 good` in any mode. @param number how numbers are written */
export function modeParts(counts: ModeCounts, number: (value: number) => string = count): string[] {
  const parts = NAMES.flatMap((name) => (counts[name] ? [`${number(counts[name])} ${name}`] : []));
  return parts.length > 0 ? parts : ['0 good'];
}

/** `1,000 inserted, 500 updated, 998,500 unchanged, 3 rejected`, or `1,000 good, 3 rejected`. */
export function countsText(good: number, rejected: number, counts: ModeCounts | undefined): string {
  return countsParts(good, rejected, counts).join(', ');
}

/** The same, with each count on its own. */
export function countsParts(good: number, rejected: number, counts: ModeCounts | undefined): string[] {
  const parts = counts ? modeParts(counts) : [`${count(good)} good`];
  return [...parts, `${count(rejected)} rejected`];
}

/** The good rows of a file, with what was done with them if rows may be updated or skipped. */
export function goodText(good: number, counts: ModeCounts | undefined): string {
  if (!counts) return count(good);
  if (good === 0) return '0';
  const { removed, ...rows } = counts;
  return `${count(good)} (${modeParts(rows).join(', ')})`;
}
