/** Decides whether batches of a file may be loaded in parallel with the same result as one after the other. */
import { calledFunctions, isEmailKey, partColumns, type TargetKey } from '@csvjobs/shared';
import { collidingKeys } from './collidingKeys.js';
import type { LoadPlan } from './loadPlan.js';
import { refersToItself } from './refersToItself.js';

/**
 * The functions that a default may call: they read nothing and count nothing. A sequence would number rows in the
 * order in which the lanes reach it, and other functions could do anything.
 */
const HARMLESS =
  /^(now|gen_random_uuid|uuidv4|uuidv7|clock_timestamp|statement_timestamp|transaction_timestamp)$/i;

/**
 * Returns true only if rows depend on each other by at most one plain key, whose index makes the second of two equal
 * rows wait until the first is committed. The table must have no triggers, rules, exclusions, row security or
 * references to itself. A partition may have keys and constraints of its own; a view or a foreign table, anything.
 * PostgreSQL requires that a CHECK depends on its own row only (manual, section 5.5.1).
 */
export function mayLoadSideBySide(plan: LoadPlan): boolean {
  const { target } = plan;
  const keys = collidingKeys(plan);
  const { kind, triggers, rules, exclusions, rowSecurity } = target;
  if (kind !== 'table' || rowSecurity || [...triggers, ...rules, ...exclusions].length > 0) return false;
  if (keys.length > 1 || !keys.every((key) => key.predicate === null && isPlain(key))) return false;
  return !refersToItself(target) && mayFillInAnyOrder(plan);
}

/** Returns whether the values that the table gives to new rows do not depend on the order of the rows. */
export function mayFillInAnyOrder(plan: LoadPlan): boolean {
  const filled = new Set(plan.columns.map(({ name }) => name));
  return (
    hasFixedDefaults(plan) &&
    plan.target.columns.every(
      ({ name, identity, default: value }) =>
        filled.has(name) || (identity === null && (value === null || callsNothingElse(value))),
    )
  );
}

/** The same for the values that replace empty fields. */
export function hasFixedDefaults({ defaults = [], conflict }: LoadPlan): boolean {
  return [...defaults, ...(conflict?.kept ?? [])].every(({ expression }) => callsNothingElse(expression));
}

/** A key by which two rows of a file may collide. */
export interface WatchedKey {
  columns: readonly string[];
}

/** Rows that depend on each other by at most one key, if the table has one. Nothing else connects them. */
export interface RowsApart {
  key: WatchedKey | undefined;
}

/**
 * Describes the rows of a file that may be loaded in another order, as long as rows with the same key keep theirs.
 * Returns undefined if they may not; also if the file lacks a part of the key, because a default may make rows equal.
 */
export function rowsApart(plan: LoadPlan): RowsApart | undefined {
  if (plan.conflict) return isPlain(plan.conflict.key) ? apartBy(plan, plan.conflict.key) : undefined;
  if (!mayLoadSideBySide(plan)) return undefined;
  const [key] = collidingKeys(plan);
  return key ? apartBy(plan, key) : { key: undefined };
}

function apartBy({ columns: filled, defaults = [] }: LoadPlan, key: TargetKey): RowsApart | undefined {
  const columns = partColumns(key);
  const isSeen = (name: string) =>
    filled.some((column) => column.name === name) && !defaults.some(({ column }) => column === name);
  return columns.every(isSeen) ? { key: { columns } } : undefined;
}

/** The only supported expression in a key is that of the e-mails of customers (foldedEmail.ts). */
function isPlain(key: TargetKey): boolean {
  const { parts, deferrable } = key;
  const isCustomersKey = isEmailKey(key);
  return !deferrable && parts.every((part) => (part.column !== null || isCustomersKey) && part.deterministic);
}

function callsNothingElse(expression: string): boolean {
  return calledFunctions(expression).every((name) => HARMLESS.test(name));
}
