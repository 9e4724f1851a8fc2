/** Failures of a read whose file is missing, or is no longer the one that was stored. */
import { shellWord } from '@csvjobs/shared/paths';
import { Failure } from '../failure.js';

/** @param place the path, or the address in the store, for the operator of the daemon */
export function fileMissing(place: string, cause: unknown): Failure {
  return new Failure(
    'file_missing',
    `the uploaded file is no longer at ${place}; put it back and retry the job, or upload it again. If the API is on another host, both must have the same folder mounted there, or a bucket in common (UPLOAD_STORE)`,
    { cause },
  );
}

export function fileChanged(place: string): Failure {
  return new Failure(
    'file_changed',
    `the uploaded file at ${place} was changed or replaced while the job read it; nothing more was loaded: upload the file again`,
  );
}

/** For an object that is not the one that an earlier attempt read. */
export function fileReplaced(place: string): Failure {
  return new Failure(
    'file_changed',
    `the uploaded file at ${place} is not the one that the first attempt of this job has read (its ETag is another); nothing more was loaded: upload the file again`,
  );
}

/** For an object that was named, not uploaded. @param place its address */
export function sourceMissing(place: string, cause?: unknown): Failure {
  return new Failure(
    'source_missing',
    `there is no object ${place}, or the daemon may not see it; check the address, or put it back and retry the job`,
    { cause },
  );
}

export function sourceChanged(place: string): Failure {
  return new Failure(
    'source_changed',
    `${place} is no longer the object that was uploaded; no more of it is loaded. Load the new one: csvjobs upload ${shellWord(place)}`,
  );
}
