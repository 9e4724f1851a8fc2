/** What is where under the prefix of a store. */
import { checkedId, isFileId } from '../fileId.js';

export interface Keys {
  /** The prefix itself, and that of unfinished uploads in pieces. */
  files: string;
  incoming: string;
  file(id: string): string;
  upload(id: string): string;
  tail(id: string): string;
  /** What is no upload: the mark of the owner, notes, the object by which it is tried whether the store can be written. */
  own(name: string): string;
  /** The id in a key of any of these; undefined where it has none. */
  idIn(key: string): string | undefined;
  isUpload(key: string): boolean;
}

export function keysUnder(prefix: string): Keys {
  const incoming = `${prefix}incoming/`;
  return {
    files: prefix,
    incoming,
    file: (id) => `${prefix}${checkedId(id)}`,
    upload: (id) => `${incoming}${checkedId(id)}.upload`,
    tail: (id) => `${incoming}${checkedId(id)}.tail`,
    own: (name) => `${prefix}.csvjobs-${name}`,
    idIn(key) {
      const name = key.startsWith(incoming) ? key.slice(incoming.length) : key.slice(prefix.length);
      const id = name.replace(/\.(upload|tail)$/, '');
      return isFileId(id) ? id : undefined;
    },
    isUpload: (key) => key.startsWith(incoming) && key.endsWith('.upload'),
  };
}
