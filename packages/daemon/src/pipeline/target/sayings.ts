/**
 * What PostgreSQL and its triggers say about rows in their own words, used to count rows by reason: parts that differ
 * from row to row are removed. A trigger may say anything, so only the first MOST different texts of a file are counted
 * separately. They are the same in every attempt.
 */
import { headingOf, type TargetReason } from '@csvjobs/shared';

const MOST = 20;
const LONGEST = 80;

export class Sayings {
  readonly #headings: Set<string>;

  /** @param counted the headings that the job has counted so far */
  constructor(counted: readonly string[]) {
    this.#headings = new Set(counted.filter((heading) => IN_ITS_WORDS.test(heading)));
  }

  /** Adds to a reason in PostgreSQL's words what other rows have in common with it. Returns other reasons unchanged. */
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

/** Headings of such reasons have an SQLSTATE, followed by words. */
const IN_ITS_WORDS = /\((?:SQLSTATE )?[0-9A-Z]{5}\): /;

/** Removes the values: quoted text, and words with digits. */
function commonPart(says: string): string {
  const common = says.replace(/"[^"]*"|\B'[^']*'\B|\S*\d\S*/g, '…');
  return common.length > LONGEST ? `${common.slice(0, LONGEST)}…` : common;
}
