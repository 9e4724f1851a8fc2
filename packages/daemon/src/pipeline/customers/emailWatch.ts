/**
 * Finds customers that may have the e-mail of an earlier one that is not committed, as KeyWatch does for keys made of
 * columns.
 */
import { type EmailKey, emailKey } from '../batch/emailKey.js';
import { foldedEmail } from '../batch/foldedEmail.js';
import type { Fields } from '../parse/fields.js';
import type { KeySeen } from '../target/keyWatch.js';
import { RecentKeys } from '../target/recentKeys.js';

export class EmailWatch {
  /** Equal e-mails are recognized however they are written. */
  readonly exact = true;
  readonly #values: () => Fields;
  readonly #position: number;
  readonly #key: EmailKey = { hash: 0, otherHash: 0, order: 0 };
  readonly #recent = new RecentKeys();

  /**
   * @param values returns the values of the last record
   * @param position the position of the e-mail in them
   */
  constructor(values: () => Fields, position: number) {
    this.#values = values;
    this.#position = position;
  }

  /** Checks the e-mail of the last record, which is not rejected, and remembers it. */
  see(): KeySeen {
    const { bytes, starts, ends } = this.#values();
    const start = starts[this.#position]!;
    const end = ends[this.#position]!;
    if (isAscii(bytes, start, end)) emailKey(bytes, start, end, this.#key);
    else {
      const folded = Buffer.from(foldedEmail(bytes.toString('utf8', start, end)));
      emailKey(folded, 0, folded.length, this.#key);
    }
    return this.#recent.add(this.#key.hash, this.#key.otherHash) ? 'suspect' : 'free';
  }

  endBatch(): void {
    this.#recent.endBatch();
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return false;
  return true;
}
