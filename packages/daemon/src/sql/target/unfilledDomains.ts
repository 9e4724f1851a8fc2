/**
 * Domains whose checks refuse NULL (`check (value is not null)`). Only PostgreSQL can say whether a check does. INSERT
 * applies it to a column that a file leaves out, before any trigger can fill it; COPY applies it only to the columns of
 * its list, so it would store a row that the table's owner forbids.
 */
import { isUnfilled, isUnfilledByDomain, type Target, type TargetColumn } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { attempt, isRefusal } from './attempt.js';
import type { LoadPlan } from './loadPlan.js';

/** SQLSTATEs of a domain that refuses a value: NOT NULL, CHECK. Any other error says nothing about NULL. */
const REFUSED = ['23502', '23514'];

/** Adds to a target which of its domains refuse NULL. @param db in a transaction */
export async function withRefusedNulls(db: Db, target: Target): Promise<Target> {
  const refusing = new Set<string>();
  for (const type of new Set(target.columns.filter(isDoubtful).map(({ type }) => type.sql))) {
    await attempt(
      db,
      () => db.query(`select null::${type}`),
      (error) => {
        if (REFUSED.includes((error as { code?: string }).code ?? '')) refusing.add(type);
        return isRefusal(error);
      },
    );
  }
  if (refusing.size === 0) return target;
  const columns = target.columns.map(({ type, ...column }) => {
    const { domain } = type;
    const isRefusing = domain !== null && refusing.has(type.sql);
    return {
      ...column,
      type: isRefusing ? { ...type, domain: { ...domain, refusesNull: true as const } } : type,
    };
  });
  return { ...target, columns };
}

function isDoubtful({ type: { domain }, ...column }: TargetColumn): boolean {
  return domain !== null && domain.checks.length > 0 && !domain.notNull && isUnfilled(column);
}

/** Returns whether INSERT refuses every row because of a column that the plan does not fill. */
export function refusesUnfilled({ target, columns }: Pick<LoadPlan, 'target' | 'columns'>): boolean {
  const filled = new Set(columns.map(({ name }) => name));
  return target.columns.some((column) => !filled.has(column.name) && isUnfilledByDomain(column));
}
