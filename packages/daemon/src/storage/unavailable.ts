import { Failure } from '../failure.js';

/** Storing is not possible now, and may be later. `why` is shown to whoever uploads: it has no path. */
export function unavailable(why: string, cause?: unknown): Failure {
  return new Failure('unavailable', `${why}. Nothing was changed`, { retryable: true, cause });
}
