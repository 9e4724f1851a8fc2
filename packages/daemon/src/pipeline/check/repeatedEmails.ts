/**
 * Which records repeat the e-mail of an earlier one, exactly and in bounded memory: a first pass over the file asks
 * the Bloom filter of the load and keeps only the e-mails that it may have met before; a second pass finds the first
 * record of each of those.
 *
 * Memory: the filter (64 MiB at most) and some 150 bytes for each different e-mail that the file has more than once,
 * or that the filter takes for one: 0.2 % of the others, up to 33 million records.
 */
import { Failure } from '../../failure.js';
import { EmailFilter } from '../batch/emailFilter.js';
import { type EmailKey, emailKey } from '../batch/emailKey.js';
import { foldedEmail } from '../batch/foldedEmail.js';

/** So many e-mails are kept at most, some 1.2 GB; a Map holds no more than 16.7 million. */
const MOST_KEPT = 8_000_000;

export class RepeatedEmails {
  readonly #filter: EmailFilter;
  readonly #key: EmailKey = { hash: 0, otherHash: 0, order: 0 };
  /** The row number of the first record with each e-mail; 0 until the second pass has come to it. */
  readonly #firstRows = new Map<string, number>();

  /** @param records how many e-mails will come, about */
  constructor(records: number) {
    this.#filter = new EmailFilter(records);
  }

  /**
   * The first pass: takes the e-mail of each valid record.
   * @throws {Failure} `check_too_large` when the file repeats more different e-mails than are kept
   */
  meet(email: string): void {
    const folded = foldedEmail(email);
    const bytes = Buffer.from(folded);
    emailKey(bytes, 0, bytes.length, this.#key);
    if (!this.#filter.add(this.#key)) return;
    this.#firstRows.set(folded, 0);
    if (this.#firstRows.size > MOST_KEPT)
      throw new Failure(
        'check_too_large',
        `more than ${MOST_KEPT} different e-mails are in the file more than once; check it in parts, or upload it`,
      );
  }

  /**
   * The second pass, in the order of the file: the row number of the first record with this e-mail where that is an
   * earlier one.
   */
  firstRow(email: string, rowNumber: number): number | undefined {
    if (this.#firstRows.size === 0) return undefined;
    const folded = foldedEmail(email);
    const first = this.#firstRows.get(folded);
    if (first === undefined || first > 0) return first;
    this.#firstRows.set(folded, rowNumber);
    return undefined;
  }
}
