/**
 * Notices about a file (ignored columns, an assumed encoding), as shown beside a result. The daemon writes the
 * sentences, and they contain names from the file: hostile ones, and as long as a header may be.
 */
import { clean, count } from '../text/text.js';

/** Maximum length in characters: a notice may quote very many column names, and its start and end say enough. */
const LENGTH = 400;

/** Number of a job's notices shown beside its result; `csvjobs show` and --json have all. */
const SHOWN = 5;

export interface ShownNotices {
  /** Safe for a terminal, bounded in length, without duplicates. */
  texts: string[];
  /** How many others there are. */
  more: number;
}

/** Returns the notices of one job to show. */
export function shownNotices(
  notices: readonly string[],
  { most = SHOWN, length = LENGTH }: { most?: number; length?: number } = {},
): ShownNotices {
  const texts = [...new Set(notices.map((notice) => shortened(clean(notice), length)))];
  return { texts: texts.slice(0, most), more: Math.max(0, texts.length - most) };
}

/**
 * Returns lines: the notices to show, and a line with the number of others and the command that shows all.
 */
export function noticeLines(notices: readonly string[], all: string): string[] {
  const { texts, more } = shownNotices(notices);
  return more === 0 ? texts : [...texts, `${count(more)} more (${all} has all)`];
}

/** Notices of several files, with identical ones merged: `a.csv and 2 others: ignored columns: notes`. */
export function sharedNotices(
  files: readonly { name: string; notices: readonly string[] }[],
  { most, length }: { most: number; length: number },
): ShownNotices {
  const namesOf = new Map<string, string[]>();
  for (const { name, notices } of files)
    for (const text of shownNotices(notices, { length }).texts)
      namesOf.set(text, [...(namesOf.get(text) ?? []), clean(name)]);
  const texts = [...namesOf].map(([text, [first = '', ...others]]) => {
    const and = others.length === 0 ? '' : ` and ${others.length} other${others.length === 1 ? '' : 's'}`;
    return `${first}${and}: ${text}`;
  });
  return { texts: texts.slice(0, most), more: Math.max(0, texts.length - most) };
}

/** Cuts the text in the middle, because suggestions for a misspelled column stand at the end. */
function shortened(text: string, length: number): string {
  const chars = [...text];
  if (chars.length <= length) return text;
  const tail = Math.floor((length - 1) / 3);
  return `${chars.slice(0, length - 1 - tail).join('')}…${chars.slice(-tail).join('')}`;
}

/** What shows all notices of a job, or of a file that is only checked. */
export function showCommand(jobId: string | undefined): string {
  return jobId === undefined ? '--json' : `csvjobs show ${jobId.slice(0, 8)}`;
}
