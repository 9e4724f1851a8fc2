/** Finds records that repeat the e-mail of an earlier one: see RepeatedTexts. */
import { Failure } from '../../failure.js';
import { foldedEmail } from '../batch/foldedEmail.js';
import { MOST_KEPT, RepeatedTexts } from './repeatedTexts.js';

export class RepeatedEmails {
  readonly #texts: RepeatedTexts;

  /** @param records approximate number of e-mails */
  constructor(records: number) {
    this.#texts = new RepeatedTexts(records);
  }

  /**
   * First pass: takes the e-mail of each valid record.
   * @throws {Failure} `check_too_large` if the file repeats more different e-mails than can be kept
   */
  meet(email: string): void {
    if (this.#texts.meet(foldedEmail(email))) return;
    throw new Failure(
      'check_too_large',
      `more than ${MOST_KEPT} different e-mails are in the file more than once; check it in parts, or upload it`,
    );
  }

  /**
   * Second pass, in file order: returns the row number of the first record with this e-mail, if that is an earlier one.
   */
  firstRow(email: string, rowNumber: number): number | undefined {
    if (this.#texts.none) return undefined;
    const folded = foldedEmail(email);
    const first = this.#texts.takenBy(folded);
    if (first === undefined) this.#texts.take(folded, rowNumber);
    return first;
  }
}
