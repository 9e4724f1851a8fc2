/** Which records of a file may depend on an earlier one by the key of the table: one that is not committed, or not even sent. */
import type { PlanColumn } from '../../rows/planColumn.js';
import { isWritten, WrittenKey } from '../../rows/writtenKey.js';
import type { WatchedKey } from '../../sql/target/sideBySide.js';
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
  readonly #key: WrittenKey;
  readonly #positions: readonly number[];
  readonly #recent = new RecentKeys();

  /** @param columns of the plan. A constant is the same in every record, and tells none apart */
  constructor({ columns: names, nullsNotDistinct }: WatchedKey, columns: readonly PlanColumn[]) {
    const parts = columns.filter(({ column, from }) => names.includes(column) && from.kind !== 'constant');
    this.#key = new WrittenKey(parts, nullsNotDistinct);
    this.exact = isWritten(parts) && this.#key.writes;
    this.#positions = parts.flatMap(({ from }) => (from.kind === 'field' ? [from.position] : []));
  }

  /** Looks at the key of a record that is not rejected, and notes it. */
  see(fields: Fields): KeySeen {
    if (!this.exact) {
      const { hash, other } = hashTexts(fields, this.#positions);
      return this.#recent.add(hash, other) ? 'unknown' : 'free';
    }
    const found = this.#key.find(fields);
    if (found !== 'key') return found === 'none' ? 'free' : 'unknown';
    return this.#recent.add(this.#key.hash, this.#key.other) ? 'suspect' : 'free';
  }

  endBatch(): void {
    this.#recent.endBatch();
  }
}
