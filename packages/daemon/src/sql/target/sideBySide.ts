/** Whether batches of a file may be loaded side by side, with the same result as one after the other. */
import { isEmailKey, type TargetKey } from '@csvjobs/shared';
import { collidingKeys } from './collidingKeys.js';
import type { LoadPlan } from './loadPlan.js';

/**
 * The functions that a default may call: they look at nothing and count nothing. A sequence would number rows in the order in
 * which lanes come to it, and what other functions do nobody knows.
 */
const HARMLESS =
  /^(now|gen_random_uuid|uuidv4|uuidv7|clock_timestamp|statement_timestamp|transaction_timestamp)$/i;

/**
 * Only where rows cannot depend on each other but by one plain key, whose index lets the second of two equal rows wait until
 * the first is committed: a table without triggers, rules, exclusions, row security or references to itself. A partition may
 * have keys and constraints of its own, a view or a foreign table anything. That CHECK looks at its own row alone is what
 * PostgreSQL asks of it (manual, section 5.5.1).
 */
export function mayLoadSideBySide(plan: LoadPlan): boolean {
  const { target } = plan;
  const keys = collidingKeys(plan);
  const { kind, triggers, rules, exclusions, foreignKeys, rowSecurity, table } = target;
  if (kind !== 'table' || rowSecurity || [...triggers, ...rules, ...exclusions].length > 0) return false;
  if (keys.length > 1 || !keys.every(isPlain)) return false;
  const toItself = ({ references }: (typeof foreignKeys)[number]) =>
    references.schema === table.schema && references.name === table.name;
  if (foreignKeys.some(toItself)) return false;
  return mayFillInAnyOrder(plan);
}

/** Whether the values that the table gives to new rows are the same in whatever order the rows come. */
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

/** The same of what stands for empty fields. */
export function hasFixedDefaults({ defaults = [], conflict }: LoadPlan): boolean {
  return [...defaults, ...(conflict?.kept ?? [])].every(({ expression }) => callsNothingElse(expression));
}

/** A key by which two rows of a file may collide. */
export interface WatchedKey {
  columns: readonly string[];
}

/** Rows that depend on each other by their key at most, where the table has one: all else of a row is its own. */
export interface RowsApart {
  key: WatchedKey | undefined;
}

/**
 * What is known of the rows of a file that may be loaded in another order than the file's, as long as those with the same key
 * keep theirs. Undefined where nothing is: also where the file lacks a part of the key, which a default may make equal.
 */
export function rowsApart(plan: LoadPlan): RowsApart | undefined {
  if (plan.conflict) return isPlain(plan.conflict.key) ? apartBy(plan, plan.conflict.key) : undefined;
  if (!mayLoadSideBySide(plan)) return undefined;
  const [key] = collidingKeys(plan);
  return key ? apartBy(plan, key) : { key: undefined };
}

function apartBy(
  { columns: filled, defaults = [] }: LoadPlan,
  { columns }: TargetKey,
): RowsApart | undefined {
  const isSeen = (name: string) =>
    filled.some((column) => column.name === name) && !defaults.some(({ column }) => column === name);
  return columns.every(isSeen) ? { key: { columns } } : undefined;
}

/** Of expressions, that of the e-mails of customers is known here (foldedEmail.ts), and no other. */
function isPlain(key: TargetKey): boolean {
  const { parts, predicate, deferrable } = key;
  const isCustomersKey = isEmailKey(key);
  return (
    !deferrable &&
    predicate === null &&
    parts.every((part) => (part.column !== null || isCustomersKey) && part.deterministic)
  );
}

function callsNothingElse(expression: string): boolean {
  const bare = expression.replaceAll(/'(?:[^']|'')*'/g, "''");
  return [...bare.matchAll(/([\w."]+)\s*\(/g)].every(([, name]) => HARMLESS.test(name!));
}
