/** What all records of a file have in common, as its survey found it: it decides which of them are whole. */
import type { Source } from '@csvjobs/shared';
import type { HeaderParts } from './header.js';
import type { Fields } from './parse/fields.js';
import { type LineEnd, shownLineEnd } from './records/lineEnds.js';
import { valueStart } from './validate/edges.js';

/** Plain data: it is kept with the job, so that every attempt at it decides alike. */
export interface Layout {
  /**
   * How many fields a record has: the header's up to the last with a name, and those behind that every record of the
   * file has.
   */
  fields: number;
  /** The line end of its records; undefined for a file of one line. */
  lineEnd?: LineEnd | undefined;
  /**
   * Other line ends are there, none of them over a long stretch: each may stand in a value. Undefined where there are
   * none, or where they end the records of a part of the file.
   */
  strayLineEnds?: true | undefined;
  /** The line of the header, where something stands above it. */
  headerLine?: number | undefined;
  /** The first record is none: a line of dashes under the header, or `sep=;` in a file without one. */
  ruleLine?: true | undefined;
  /** The first line of the footer: from it on there are no records. */
  footerLine?: number | undefined;
  /** From this line to the footer stands what a person has named as its lines too, but reads like records: it is rejected. */
  doubtfulLine?: number | undefined;
  /** Records may lack fields at their end: see `lacksEnd`. */
  shortRecords?: true | undefined;
}

/** The layout as a job keeps it. A job of an older daemon has none: its file must be surveyed first (see run.ts). */
export function layoutIn({ fields, lineEnd, strayLineEnds, ...lines }: Source): Layout {
  if (fields === undefined) throw new Error('the file of the job has not been surveyed for its layout');
  const { headerLine, ruleLine, footerLine, doubtfulLine, shortRecords } = lines;
  return {
    ...{ fields, lineEnd, strayLineEnds, headerLine, ruleLine, footerLine },
    ...{ doubtfulLine, shortRecords },
  };
}

/** Whether a record has as many fields as the file's records have, and nothing in those beyond the header. */
export function fits(fields: Fields, header: HeaderParts, layout: Layout): boolean {
  return fields.count === layout.fields && emptyFrom(header.cells, fields);
}

/**
 * Whether a record has so many of the fields of the others that it is no smaller part of one that a line end has cut in two:
 * two parts have one field more together than the whole.
 */
export function lacksEnd(count: number, fields: number): boolean {
  return count < fields && 2 * count >= fields + 2;
}

/** Adds the fields that a record lacks, all of them empty. */
export function padded(fields: Fields, count: number): Fields {
  const end = fields.ends[fields.count - 1]!;
  while (fields.count < count) fields.add(end, end);
  return fields;
}

/** Whether all fields of a record from a position on are empty. */
export function emptyFrom(position: number, fields: Fields): boolean {
  for (let at = position; at < fields.count; at++) if (hasValue(at, fields)) return false;
  return true;
}

/** Whether a field has more than white space. */
export function hasValue(position: number, { bytes, starts, ends }: Fields): boolean {
  const end = ends[position]!;
  return valueStart(bytes, starts[position]!, end) < end;
}

/** What is wrong with a record that does not fit; `lineEnd` is its own where that is foreign, or 0. */
export function misfit(
  found: number,
  { named, cells }: HeaderParts,
  layout: Layout,
  lineEnd: number,
): string {
  const counted = `${found} ${found === 1 ? 'field' : 'fields'}`;
  const wanted =
    named < cells
      ? `other records have ${layout.fields}`
      : `the header has ${Math.min(layout.fields, cells)}`;
  const advice = lineEnd === 0 ? QUOTE : `the line ends with ${foreign(lineEnd, layout)}: ${QUOTE}`;
  return `${counted} where ${wanted}; ${advice}`;
}

/** What is wrong with a record that has all its fields, but perhaps only a part of the text of one of them. */
export function cutInTwo(lineEnd: number, layout: Layout): string {
  const doubt = layout.strayLineEnds ? 'may be part' : 'part';
  return `${doubt} of a record that was cut at a line end, ${foreign(lineEnd, layout)}; ${QUOTE}, or save the file with one kind of line end`;
}

/** What is wrong with a record that lacks fields at its end, beside one that is rejected. */
export function mayBeCut(found: number, layout: Layout): string {
  return `${found} fields where other records have ${layout.fields}, beside a record that is rejected: it may be part of it; ${QUOTE}`;
}

/** What is wrong with a record among the lines that a person has named as the footer. */
export const MAY_BE_FOOTER =
  'one of the last lines, which --footer leaves out, but it reads like a record, or one that was joined to the footer; separate them, or use a smaller --footer';

function foreign(lineEnd: number, layout: Layout): string {
  return `${shownLineEnd(lineEnd)} in a file whose lines end with ${(layout.lineEnd ?? '').toUpperCase()}`;
}

const QUOTE = 'quote a field that has the delimiter or a line end in it';
