/** The layout of keys under the prefix of a store. */
import { checkedId, isFileId } from '../fileId.js';

export interface Keys {
  /** The prefix itself, and that of unfinished uploads in pieces. */
  files: string;
  incoming: string;
  file(id: string): string;
  upload(id: string): string;
  tail(id: string): string;
  /**
   * Objects that are not uploads: the owner's mark, notes, and the object that tests whether the store is
   * writable.
   */
  own(name: string): string;
  /** The id in any of these keys; undefined if there is none. */
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
