/**
 * The footer of a file: totals and notes after its records. Nothing that could be loaded is left out: see
 * docs/decisions/0025-lines.md.
 */
import type { Fields } from '../parse/fields.js';
import type { Parse } from '../parse.js';
import { TAIL_BYTES, type TailRecord } from './tail.js';

/** Maximum number of lines in a footer. */
const MOST = 8;

/** How the first value of a footer line starts, in the languages of the programs that write them. */
const PHRASE =
  /^[\s"'*#=\-–—]*(?:(?:grand[\s-]?|sub[\s-]?)?totals?\b|total\s*:|gesamt\b|summe\b|insgesamt\b|zwischensumme\b|somme\b|totale\b|totaal\b|totales\b|totais\b|suma\b|copyright\b|©|\(c\)|confidential\b|vertraulich|confidentiel|riservato|end of (?:report|file|list)|report (?:generated|created|run|date)|(?:generated|exported|created|printed|downloaded|erstellt|exportiert|généré|exporté|generado|exportado|generato|esportato)\s+(?:on|at|by|from|am|um|von|le|par|el|por|il|da)\b|(?:rows|records|datensätze|zeilen)\s*:|\(?\d+ (?:rows?|records?|record\(s\)|item\(s\)|zeilen|datensätze|lignes|filas|righe|rijen)(?: \p{L}+)?\)?\.?\s*$|\d+ rows? in set\b|sql> |page \d)/iu;
/** A line under the records, as listings and database clients draw it. */
const RULE = /^[-=+_|\s–—]{3,}$/u;
/** The end of a file in DOS (Ctrl-Z), which dBase and similar programs still write. */
const DOS_END = '\u001a';
/** Stands for a missing value in totals. */
const DASHES = /^[-–—]+$/u;

/** What records have and footers do not: an e-mail address. */
const RECORD_LIKE = /\S@\S/;
/** A line that another delimiter splits is not a note. */
const OTHER_DELIMITER = /[;\t|]/;

export interface Footer {
  /** The first line of the footer. */
  line: number;
  records: TailRecord[];
}

export interface FooterQuestion {
  tail: readonly TailRecord[];
  /** How many blank lines and records without a value come before the first record. */
  passedLines: number;
  /** Number of header fields up to the last with a name. */
  named: number;
  delimiter: string;
  parse: Parse;
  /** Returns whether a record would be loaded, as far as the file shows. */
  isSound(fields: Fields): boolean;
}

export interface FooterAnswer {
  footer: Footer | undefined;
  /** Records that look like a footer but may load. */
  doubtful: { records: TailRecord[] } | undefined;
}

interface Judged {
  record: TailRecord;
  /**
   * `beginsAsFooter`: it starts with a footer word and has no address. `hasPhrase`: it also has values in at most half
   * of the columns.
   */
  beginsAsFooter: boolean;
  hasPhrase: boolean;
  hasOneValue: boolean;
  isSound: boolean;
  /** Its cells, as far as they can be separated; undefined for a line that is too long. */
  cells: readonly string[] | undefined;
}

/**
 * Finds the footer: the last records of a file, if all of them would be rejected and each one either
 * - starts with a footer word and has values in at most half of the columns; or
 * - has a value in its first field only, and comes after such a line, or after a gap if the file has no other gap.
 */
export function findFooter(question: FooterQuestion): FooterAnswer {
  const none: FooterAnswer = { footer: undefined, doubtful: undefined };
  const { tail, named } = question;
  if (named < 2) return none;
  const judged = tail.map((record) => judge(record, question));
  const run = judged.slice(footerStart(judged, question.passedLines));
  if (run.length === 0 || run.length > MOST) return none;
  const records = run.map(({ record }) => record);
  if (run.some(({ isSound }) => isSound)) return { ...none, doubtful: { records } };
  return { ...none, footer: { line: records[0]!.line, records } };
}

/** The footer, as the user has specified it. */
export interface AskedFooter {
  /** The lines to leave out. */
  footer: TailRecord[];
  /** The first line before the footer that has the values of a record: one may have been joined to the footer. */
  recordsFrom: number | undefined;
}

/**
 * Never leaves out a record only because of a number: of the last lines named by the user, those up to the last one
 * that reads like a record stay. This happens if the line end between the last record and the footer is missing, or if
 * today's file has no footer.
 * @param asked the number of lines named by the user; the two records before them show whether the first may be the
 *   rest of one
 * @param fields the number of fields per record of the file
 */
export function askedFooter(question: FooterQuestion, asked: number, fields: number): AskedFooter {
  const { named } = question;
  const judged = question.tail.slice(-asked - 2).map((record) => judge(record, question));
  const lines = judged.slice(-asked);
  const tail = lines.map(({ record }) => record);
  const [before, last] = judged
    .slice(0, -asked)
    .slice(-2)
    .map(({ cells = [] }) => cells.length < fields);
  const isCut = judged.length - lines.length === 2 && before === false && last === true;
  const readsLikeRecord = (line: Judged, at: number) => {
    const { beginsAsFooter, hasPhrase, hasOneValue, isSound, cells } = line;
    if (hasPhrase || (beginsAsFooter && !isSound) || cells === undefined) return false;
    if (at === 0 && isCut) return true;
    if (hasOneValue) return false;
    const values = cells.filter((cell) => cell.trim() !== '');
    const mostOfThem = values.length * 2 > named + 1;
    // Sentences with commas have blanks after them.
    const isProse = cells.slice(1).some((cell) => /^\s+\S/u.test(cell));
    const isWhole = cells.length >= fields && !isProse;
    return isSound || (mostOfThem && (isWhole || cells.some((cell) => RECORD_LIKE.test(cell))));
  };
  const from = lines.findIndex(readsLikeRecord);
  const to = lines.findLastIndex(readsLikeRecord);
  return { footer: tail.slice(to + 1), recordsFrom: tail[from]?.line };
}

function footerStart(judged: readonly Judged[], passedBefore: number): number {
  let from = judged.length;
  const isBehindGap = ({ record }: Judged, at: number) =>
    at > 0 && record.passedLines > judged[at - 1]!.record.passedLines;
  const lastGap = judged.findLastIndex(isBehindGap);
  const behind = judged.slice(Math.max(0, lastGap));
  if (lastGap > 0 && behind.every(({ hasPhrase, hasOneValue }) => hasPhrase || hasOneValue)) {
    // If other records come after gaps too, a gap means nothing.
    const data = judged.findLast(({ hasPhrase }, at) => at < lastGap && !hasPhrase);
    if ((data?.record.passedLines ?? passedBefore) === passedBefore) from = lastGap;
  }
  // After a footer word, a line with one value is not a record either: `2,record(s) downloaded`, `Seller ID : shop`.
  const isOfFooter = ({ hasPhrase, hasOneValue }: Judged) => hasPhrase || hasOneValue;
  const end = judged.findLastIndex((line) => !isOfFooter(line)) + 1;
  const first = judged.findIndex(({ hasPhrase }, at) => at >= end && hasPhrase);
  return first === -1 ? from : Math.min(from, first);
}

function judge(record: TailRecord, { named, delimiter, parse, isSound }: FooterQuestion): Judged {
  const tooLong = record.end - record.start > TAIL_BYTES;
  if (record.fault !== undefined || tooLong) {
    const text = record.bytes.toString('utf8');
    const hasPhrase = !tooLong && PHRASE.test(text) && !RECORD_LIKE.test(text);
    const cells = tooLong ? undefined : text.split(delimiter);
    return { record, beginsAsFooter: hasPhrase, hasPhrase, hasOneValue: false, isSound: tooLong, cells };
  }
  const fields = parse(record);
  const texts = Array.from({ length: fields.count }, (_, at) => fields.text(at));
  const all = texts.map((text) => text.trim());
  const isRule = RULE.test(all.join('')) || all.join('') === DOS_END;
  const cells = isRule ? all : all.map((cell) => (DASHES.test(cell) ? '' : cell));
  const given = cells.filter((cell) => cell !== '');
  const values = given.length;
  const first = given[0] ?? '';
  const isRecordLike = cells.some((cell) => RECORD_LIKE.test(cell));
  const beginsAsFooter = !isRecordLike && (PHRASE.test(first) || PHRASE.test(given.join(' ')));
  return {
    record,
    beginsAsFooter,
    hasPhrase: isRule || (beginsAsFooter && values * 2 <= named + 1),
    hasOneValue: !isRecordLike && values === 1 && cells[0] !== '' && !OTHER_DELIMITER.test(first),
    isSound: isSound(fields),
    cells: texts,
  };
}
