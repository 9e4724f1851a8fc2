/** How the rows of an upload go into their table, as its spec says. */
import type { LoadMode, Spec, Target } from '@csvjobs/shared';
import { Failure } from '../failure.js';

/**
 * The mode of a job; empty where the spec says nothing else than the default. Which key is meant the header says (rows/conflictPlan.ts).
 * @param target the table of the job; undefined for customers
 * @throws {Failure} `spec_invalid` for what cannot be done
 */
export function modeFor(spec: Spec | undefined, target: Target | undefined): LoadMode {
  const { atomic, dryRun, hold, maxErrors } = spec?.csvjobs ?? {};
  if (hold && dryRun)
    throw invalid(
      'csvjobs.hold and csvjobs.dryRun cannot be used together: a dry run leaves nothing that could be accepted. Leave one out; a dry run is loaded with csvjobs load',
    );
  return {
    ...conflictFor(spec, target),
    ...((atomic || hold) && { atomic: true }),
    ...(hold && { hold }),
    ...(dryRun && { dryRun }),
    ...(maxErrors !== undefined && { maxErrors }),
  };
}

/** What becomes of rows whose key is in the table. */
function conflictFor(spec: Spec | undefined, target: Target | undefined): LoadMode {
  const { mode = 'reject', key, updateOnly = false } = spec?.csvjobs ?? {};
  if (updateOnly && mode !== 'update') throw invalid('csvjobs.updateOnly needs csvjobs.mode update');
  if (mode === 'reject') {
    if (key !== undefined) throw invalid('csvjobs.key needs csvjobs.mode skip or update');
    return {};
  }
  if (!target)
    throw invalid(
      `csvjobs.mode cannot be ${mode} for customers, of which the first with an e-mail stays; leave it out, or load into another table`,
    );
  return { onConflict: mode, ...(key && { key }), ...(updateOnly && { updateOnly }) };
}

function invalid(why: string): Failure {
  return new Failure('spec_invalid', why);
}
