/** Which records of a file may depend on an earlier one by the key of the table: one that is not committed, or not even sent. */
import type { PlanColumn } from '../../rows/planColumn.js';
import type { WatchedKey } from '../../sql/target/sideBySide.js';
import type { FileKey } from '../keys/fileKeys.js';
import type { KeyHashes } from '../keys/keyHashes.js';
import type { Fields } from '../parse/fields.js';
import { hashTexts } from './hashTexts.js';
import { RecentKeys } from './recentKeys.js';

/**
 * What is known of a record: no earlier one has its key; one may have it; or any may have, also one that was taken for free, as
 * its key is a text that only PostgreSQL can compare.
 */
export type KeySeen = 'free' | 'suspect' | 'unknown';

/** What looks at the key of each record that is not rejected. */
export interface Watch {
  readonly exact: boolean;
  see(fields: Fields): KeySeen;
  endBatch(): void;
}

export class KeyWatch implements Watch {
  /** Equal keys are seen, however they are written. Where not, texts are compared, and a suspect may depend on any record. */
  readonly exact: boolean;
  /** The place of the key among those that are hashed; below 0 where it is not compared without the database. */
  readonly #at: number;
  readonly #hashes: KeyHashes;
  readonly #positions: readonly number[];
  readonly #recent = new RecentKeys();

  /**
   * @param hashed the keys that `hashes` has, in their order
   * @param columns of the plan. A constant is the same in every record, and tells none apart
   */
  constructor(
    { columns: names }: WatchedKey,
    columns: readonly PlanColumn[],
    hashed: readonly FileKey[],
    hashes: KeyHashes,
  ) {
    this.#at = hashed.findIndex((key) => key.columns.join('\0') === names.join('\0'));
    this.exact = this.#at >= 0;
    this.#hashes = hashes;
    this.#positions = columns.flatMap(({ column, from }) =>
      names.includes(column) && from.kind === 'field' ? [from.position] : [],
    );
  }

  /** Looks at the key of a record that is not rejected, and notes it. Its key was hashed last. */
  see(fields: Fields): KeySeen {
    if (!this.exact) {
      const { hash, other } = hashTexts(fields, this.#positions);
      return this.#recent.add(hash, other) ? 'unknown' : 'free';
    }
    const high = this.#hashes.high(this.#at);
    if (high === 0) return 'free';
    return this.#recent.add(this.#hashes.low(this.#at), high) ? 'suspect' : 'free';
  }

  endBatch(): void {
    this.#recent.endBatch();
  }
}
