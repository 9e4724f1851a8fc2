/** How the rows of an upload go into their table, according to its spec. */
import { type LoadMode, MAX_REMOVED, type Spec, type Target, writeTableName } from '@csvjobs/shared';
import { Failure } from '../failure.js';

/**
 * The mode of a job; empty if the spec only has defaults. The header decides which key is meant
 * (rows/conflictPlan.ts).
 * @param target the table of the job; undefined for customers
 * @throws {Failure} `spec_invalid` for an impossible combination
 */
export function modeFor(spec: Spec | undefined, target: Target | undefined): LoadMode {
  const { atomic, dryRun, hold, maxErrors, replace, maxRemoved } = spec?.csvjobs ?? {};
  if (maxRemoved !== undefined && !replace) throw invalid('csvjobs.maxRemoved needs csvjobs.replace');
  if (hold && dryRun)
    throw invalid(
      'csvjobs.hold and csvjobs.dryRun cannot be used together: a dry run leaves nothing to accept. Remove one; csvjobs load loads a dry run',
    );
  return {
    ...(replace ? replaceFor(spec, target) : conflictFor(spec, target)),
    ...((atomic || hold) && { atomic: true }),
    ...(hold && { hold }),
    ...(dryRun && { dryRun }),
    ...(maxErrors !== undefined && { maxErrors }),
  };
}

/**
 * A file replaces the content of its table, in one transaction. A rejected record would delete its row, so no
 * record may be rejected, unless the spec says how many.
 */
function replaceFor(spec: Spec | undefined, target: Target | undefined): LoadMode {
  const { mode, key, updateOnly = false, maxRemoved = MAX_REMOVED } = spec?.csvjobs ?? {};
  if (mode !== undefined && mode !== 'update')
    throw invalid(`csvjobs.mode cannot be ${mode} with csvjobs.replace, which updates known rows`);
  if (updateOnly)
    throw invalid('csvjobs.updateOnly cannot be used with csvjobs.replace, which inserts new rows');
  const why = target && irreplaceable(target);
  if (why !== undefined) throw invalid(`csvjobs.replace cannot be used: ${why}`);
  return {
    replace: true,
    atomic: true,
    maxErrors: 0,
    maxRemoved,
    ...(mode && { onConflict: mode }),
    ...(key && { key }),
  };
}

/** Why not all rows of a relation can be seen and removed; undefined if they can. */
function irreplaceable({ kind, rowSecurity, table }: Target): string | undefined {
  const name = writeTableName(table);
  if (kind === 'view' || kind === 'foreign table')
    return `${name} is a ${kind}, whose rows cannot be locked; load into the table that has them`;
  return rowSecurity
    ? `row security may hide rows of ${name} from this database role; load with a role that bypasses it (alter role … bypassrls)`
    : undefined;
}

/** What happens to rows whose key is already in the table. */
function conflictFor(spec: Spec | undefined, target: Target | undefined): LoadMode {
  const { mode = 'reject', key, updateOnly = false } = spec?.csvjobs ?? {};
  if (updateOnly && mode !== 'update') throw invalid('csvjobs.updateOnly needs csvjobs.mode update');
  if (mode === 'reject') {
    if (key !== undefined) throw invalid('csvjobs.key needs csvjobs.mode skip or update');
    return {};
  }
  if (!target)
    throw invalid(
      `csvjobs.mode cannot be ${mode} for customers, where the first row with an e-mail is kept; leave it out, or load into another table`,
    );
  return { onConflict: mode, ...(key && { key }), ...(updateOnly && { updateOnly }) };
}

function invalid(why: string): Failure {
  return new Failure('spec_invalid', why);
}
