import { Failure } from '../failure.js';

/** Storing is impossible now, but may work later. The uploader sees `why`, so it has no path. */
export function unavailable(why: string, cause?: unknown): Failure {
  return new Failure('unavailable', `${why}. Nothing was changed`, { retryable: true, cause });
}
