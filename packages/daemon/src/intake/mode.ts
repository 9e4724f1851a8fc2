/** How the rows of an upload go into their table, as its spec says. */
import type { LoadMode, Spec } from '@csvjobs/shared';
import { Failure } from '../failure.js';

/**
 * The mode of a job; empty where the spec says nothing else than the default.
 * @throws {Failure} `spec_invalid` for what cannot be done
 */
export function modeFor(spec: Spec | undefined): LoadMode {
  const { mode = 'reject', key, atomic, dryRun, maxErrors } = spec?.csvjobs ?? {};
  if (mode !== 'reject') throw invalid(`csvjobs.mode cannot be ${mode} yet; leave it out`);
  if (key !== undefined) throw invalid('csvjobs.key needs csvjobs.mode skip or update');
  return {
    ...(atomic && { atomic }),
    ...(dryRun && { dryRun }),
    ...(maxErrors !== undefined && { maxErrors }),
  };
}

function invalid(why: string): Failure {
  return new Failure('spec_invalid', why);
}
