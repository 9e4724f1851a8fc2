/**
 * What PostgreSQL and its triggers say of rows in their own words, by which rows are counted: without what differs from row
 * to row. A trigger may say anything, so no more than some different sayings are counted apart; which ones are the first of
 * the file, in every attempt.
 */
import { headingOf, type TargetReason } from '@csvjobs/shared';

const MOST = 20;
const LONGEST = 80;

export class Sayings {
  readonly #headings: Set<string>;

  /** @param counted the headings of the job so far */
  constructor(counted: readonly string[]) {
    this.#headings = new Set(counted.filter((heading) => IN_ITS_WORDS.test(heading)));
  }

  /** A reason with what other rows have in common with it, where it is one in PostgreSQL's words. */
  named(reason: TargetReason): TargetReason {
    if (reason.code !== 'refused' || reason.params.constraint !== null) return reason;
    const named = { ...reason, params: { ...reason.params, likewise: commonPart(reason.params.says) } };
    const heading = headingOf(named);
    if (!this.#headings.has(heading)) {
      if (this.#headings.size >= MOST) return reason;
      this.#headings.add(heading);
    }
    return named;
  }
}

/** Headings of such reasons have an SQLSTATE and words behind it. */
const IN_ITS_WORDS = /\((?:SQLSTATE )?[0-9A-Z]{5}\): /;

/** Without values: what is in quotes, and words with digits. */
function commonPart(says: string): string {
  const common = says.replace(/"[^"]*"|\B'[^']*'\B|\S*\d\S*/g, '…');
  return common.length > LONGEST ? `${common.slice(0, LONGEST)}…` : common;
}
