/** The keys by which rows of a file may collide. */
import type { TargetColumn, TargetKey } from '@csvjobs/shared';
import type { LoadPlan } from './loadPlan.js';

/** Defaults that never give the same value twice. */
const NEVER_TWICE = /^(gen_random_uuid|uuidv4|uuidv7)\(\)$/i;

/**
 * Returns all keys except those that contain a UUID made by the table: `id uuid primary key default
 * gen_random_uuid()`.
 */
export function collidingKeys({ target, columns }: Pick<LoadPlan, 'target' | 'columns'>): TargetKey[] {
  const filled = new Set(columns.map(({ name }) => name));
  const own = new Set(
    target.columns
      .filter((column) => !filled.has(column.name) && isNeverTwice(column))
      .map(({ name }) => name),
  );
  return target.keys.filter(({ parts }) => !parts.some(({ column }) => column !== null && own.has(column)));
}

function isNeverTwice({ default: value }: TargetColumn): boolean {
  return value !== null && NEVER_TWICE.test(value);
}
