/** Notices about a file as text, and which of them are assumptions. */
import { Failure } from '../failure.js';
import type { Notice } from '../rows/notice.js';

export type { Notice } from '../rows/notice.js';

/** Returns the sentences to show. */
export function noticeTexts(notices: readonly Notice[]): string[] {
  return notices.map((notice) =>
    typeof notice === 'string' ? notice : 'note' in notice ? notice.note : notice.assumed,
  );
}

/** Maximum number of assumptions to list; no one would read a longer message. */
const MOST_SHOWN = 10;

/**
 * Enforces --strict.
 * @throws {Failure} `strict` if there are assumptions; lists them (up to MOST_SHOWN) and the options that make them
 *   explicit
 */
export function mustAssumeNothing(notices: readonly Notice[]): void {
  const assumed = notices.filter((notice) => typeof notice === 'string' || 'assumed' in notice);
  if (assumed.length === 0) return;
  const options = assumed.flatMap((notice) =>
    typeof notice === 'object' && 'option' in notice ? [notice.option] : [],
  );
  const texts = noticeTexts(assumed).slice(0, MOST_SHOWN);
  const more = assumed.length > MOST_SHOWN ? [`and ${assumed.length - MOST_SHOWN} more`] : [];
  const add = options.length === 0 ? '' : `Is that right? Add ${options.join(' ')}. `;
  const others =
    options.length === assumed.length
      ? 'Or omit --strict.'
      : 'What has no option can be defined in the spec or changed in the file; or omit --strict.';
  throw new Failure(
    'strict',
    `--strict (csvjobs.strict in the spec) allows no assumption, and this file needs ${assumed.length}: ` +
      `${[...texts, ...more].join(' · ')}. ${add}${others}`,
  );
}
