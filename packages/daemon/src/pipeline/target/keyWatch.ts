/** Finds the records that may depend on an earlier one, not committed or not even sent, by the key of the table. */
import type { PlanColumn } from '../../rows/planColumn.js';
import type { WatchedKey } from '../../sql/target/sideBySide.js';
import type { FileKey } from '../keys/fileKeys.js';
import type { KeyHashes } from '../keys/keyHashes.js';
import type { Fields } from '../parse/fields.js';
import { hashTexts } from './hashTexts.js';
import { RecentKeys } from './recentKeys.js';

/**
 * What is known of a record's key: no earlier record has it; one may have it; or any may have it, even one that was
 * judged `free`, because the key is text that only PostgreSQL can compare.
 */
export type KeySeen = 'free' | 'suspect' | 'unknown';

/** Checks the key of each record that is not rejected. */
export interface Watch {
  readonly exact: boolean;
  see(fields: Fields): KeySeen;
  /**
   * The same for consecutive records of which only the hashes of all keys are known, as KeyHashes stores them: sets `suspects` for
   * each. Undefined if hashes are not enough.
   */
  seeHashed?(pairs: Int32Array, count: number, suspects: Uint8Array): void;
  endBatch(): void;
}

export class KeyWatch implements Watch {
  /**
   * Whether equal keys are recognized however they are written. If not, texts are compared, and a suspect may depend on
   * any record.
   */
  readonly exact: boolean;
  /** The index of the key among the hashed ones; negative if only the database can compare it. */
  readonly #at: number;
  readonly #hashes: KeyHashes;
  readonly #positions: readonly number[];
  readonly #recent = new RecentKeys();

  /**
   * @param hashed the keys that `hashes` has, in order
   * @param columns the columns of the plan; constants are ignored, because they are the same in every record
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

  /** Checks the key of a record that is not rejected, and remembers it. `hashes` must have hashed this record last. */
  see(fields: Fields): KeySeen {
    if (!this.exact) {
      const { hash, other } = hashTexts(fields, this.#positions);
      return this.#recent.add(hash, other) ? 'unknown' : 'free';
    }
    return this.#isMet(this.#hashes.low(this.#at), this.#hashes.high(this.#at)) ? 'suspect' : 'free';
  }

  /** In a loop of its own, so that the processor waits for the memory of several keys at a time: a quarter less time. */
  seeHashed(pairs: Int32Array, count: number, suspects: Uint8Array): void {
    const width = pairs.length / count;
    for (let index = 0, at = 2 * this.#at; index < count; index++, at += width)
      suspects[index] = this.#isMet(pairs[at]!, pairs[at + 1]!) ? 1 : 0;
  }

  /** A record without the key (the second half is 0) depends on no other. */
  #isMet(low: number, high: number): boolean {
    return high !== 0 && this.#recent.add(low, high);
  }

  endBatch(): void {
    this.#recent.endBatch();
  }
}
