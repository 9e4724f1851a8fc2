/** What is said of lines that are no records, and of records that lack something. */
import type { Notice } from '../notice.js';

/** Lines above the header may be many, and long; a footer that was found is shown whole: at most 2 KiB. */
const SHOWN_LENGTH = 60;

/**
 * Says which lines stand above the header, or that they have only delimiters and quotes.
 * @param asked a person has said where the header is
 */
export function aboveNotices(
  above: readonly string[],
  { passed, asked }: { passed: number; asked: boolean },
): Notice[] {
  if (above.length === 0) {
    if (passed === 0) return [];
    return [`skipped ${passed === 1 ? 'a line' : `${passed} lines`} before the header: only empty fields`];
  }
  const text = `skipped ${counted(above.length, 'line')} before the header: ${shown(above, SHOWN_LENGTH)}`;
  return [asked ? { note: text } : text];
}

/** Says how many records without a value were passed over. */
export function emptyNotices(records: number): string[] {
  return records === 0 ? [] : [`skipped ${counted(records, 'empty record')}`];
}

/** Says which lines behind the records were left out. @param asked a person has said how many there are */
export function footerNotices(records: readonly string[], asked: boolean): Notice[] {
  if (records.length === 0) return [];
  const lines = shown(records, asked ? SHOWN_LENGTH : undefined);
  const text = `skipped ${counted(records.length, 'line')} after the records: ${lines}`;
  return [asked ? { note: text } : `${text}; to read them as records, add --footer 0`];
}

/** Says which of the last records look like a footer. */
export function doubtfulNotices(records: readonly string[]): string[] {
  if (records.length === 0) return [];
  const lines =
    records.length === 1
      ? 'the last line may be a footer'
      : `the last ${records.length} lines may be a footer`;
  return [`${lines}: ${shown(records)}; to leave out what is no record, add --footer ${records.length}`];
}

/** Says that records lack fields at their end. @param first only the first records of the file were looked at */
export function shortNotices(records: number, first: boolean): string[] {
  if (records === 0) return [];
  const lack = records === 1 ? 'lacks fields at its end' : 'lack fields at their end';
  const among = first ? ' of the first 10,000' : '';
  return [`${counted(records, 'record')}${among} ${lack}; where these are optional, they are read as empty`];
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}

const SHOWN = 8;

function shown(records: readonly string[], longest = Number.POSITIVE_INFINITY): string {
  const texts = records.slice(0, SHOWN).map((record) => {
    const text = record.replace(/\s+/g, ' ').trim();
    return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);
  });
  const more = records.length - texts.length;
  return texts.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
