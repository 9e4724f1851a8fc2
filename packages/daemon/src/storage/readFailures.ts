/** What ends a reading whose file is not, or no longer, the one that was stored. */
import { Failure } from '../failure.js';

/** @param place the path, or the address in the store, for the person who runs the daemon */
export function fileMissing(place: string, cause: unknown): Failure {
  return new Failure(
    'file_missing',
    `the uploaded file is not at ${place} any more; put it back and retry the job, or upload it again`,
    { cause },
  );
}

export function fileChanged(place: string): Failure {
  return new Failure(
    'file_changed',
    `the uploaded file at ${place} was changed or replaced while the job read it; nothing more was loaded: upload the file again`,
  );
}
