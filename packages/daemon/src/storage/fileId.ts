import { Failure } from '../failure.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isFileId(name: string): boolean {
  return UUID.test(name);
}

/** Returns an id that is safe in a path or a key. Anything but a lower-case UUID is the caller's mistake. */
export function checkedId(id: string): string {
  if (!isFileId(id)) throw new Failure('bad_file_id', `${JSON.stringify(id)} is not the id of a stored file`);
  return id;
}
