/** Notices about lines that are not records, and about records that lack something. */
import { rowCount } from '@csvjobs/shared/reading';
import type { Notice } from '../notice.js';

/**
 * Lines named by the user may be many and long, so they are shortened. Skipped lines that csvjobs found itself are
 * shown in full: at most 32 KiB above the header and 2 KiB after the records.
 */
const SHOWN_LENGTH = 60;

/**
 * Reports the lines above the header, or that they contain only delimiters and quotes.
 * @param asked whether the user said where the header is
 * @param line the header's line, if it was found
 */
export function aboveNotices(
  above: readonly string[],
  { passed, asked, line }: { passed: number; asked: boolean; line: number | undefined },
): Notice[] {
  if (above.length === 0) {
    if (passed === 0) return [];
    return [`skipped ${passed === 1 ? 'a line' : `${passed} lines`} before the header: only empty fields`];
  }
  const text = `skipped ${rowCount(above.length, 'line')} before the header: ${shown(above, asked ? SHOWN_LENGTH : undefined)}`;
  if (asked) return [{ note: text }];
  return [line === undefined ? text : { assumed: text, option: `--skip-lines ${line - 1}` }];
}

/** Reports that the first line after the header, or of a file without one, is not a record. */
export function firstLineNote(hasNoHeader: boolean): string {
  return hasNoHeader
    ? 'skipped the first line, which names the delimiter (sep=)'
    : 'skipped 1 line of dashes under the header';
}

/** Reports how many records without a value were skipped. */
export function emptyNotices(records: number): string[] {
  return records === 0 ? [] : [`skipped ${rowCount(records, 'empty record')}`];
}

/** Reports the lines after the records that were left out. @param asked whether the user said how many there are */
export function footerNotices(records: readonly string[], asked: boolean): Notice[] {
  if (records.length === 0) return [];
  const lines = shown(records, asked ? SHOWN_LENGTH : undefined);
  const text = `skipped ${rowCount(records.length, 'line')} after the records: ${lines}`;
  if (asked) return [{ note: text }];
  const assumed = `${text}; to read them as records, add --footer 0`;
  return [{ assumed, option: `--footer ${records.length}` }];
}

/** Reports which of the last records look like a footer. */
export function doubtfulNotices(records: readonly string[]): string[] {
  if (records.length === 0) return [];
  const lines =
    records.length === 1
      ? 'the last line may be a footer'
      : `the last ${records.length} lines may be a footer`;
  return [`${lines}: ${shown(records)}; to leave out what is no record, add --footer ${records.length}`];
}

/**
 * Reports that records lack fields at their end.
 * @param first whether only the first records of the file were checked
 */
export function shortNotices(records: number, first: boolean): string[] {
  if (records === 0) return [];
  const lack = records === 1 ? 'lacks fields at its end' : 'lack fields at their end';
  const among = first ? ' of the first 10,000' : '';
  return [`${rowCount(records, 'record')}${among} ${lack}; where these are optional, they are read as empty`];
}

const SHOWN = 8;

/** @param longest for lines named by the user: shows only the first lines, each with at most this many characters */
function shown(records: readonly string[], longest?: number): string {
  const texts = records.slice(0, longest === undefined ? records.length : SHOWN).map((record) => {
    const text = record.replace(/\s+/g, ' ').trim();
    return JSON.stringify(
      longest !== undefined && text.length > longest ? `${text.slice(0, longest)}…` : text,
    );
  });
  const more = records.length - texts.length;
  return texts.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
