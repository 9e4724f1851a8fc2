/** The common layout of a file's records, as found by its survey. It decides which records are complete. */
import type { Source } from '@csvjobs/shared';
import type { HeaderParts } from './header.js';
import type { Fields } from './parse/fields.js';
import { type LineEnd, shownLineEnd } from './records/lineEnds.js';
import { valueStart } from './validate/edges.js';

/** Plain data, stored with the job, so that every attempt decides the same way. */
export interface Layout {
  /**
   * Number of fields in a record: the header's up to the last one with a name, and any further ones that every record of
   * the file has.
   */
  fields: number;
  /** The line end of its records; undefined for a file of one line. */
  lineEnd?: LineEnd | undefined;
  /**
   * There are other line ends, but none over a long stretch, so each may be part of a value. Undefined if there are none,
   * or if they end the records of a part of the file.
   */
  strayLineEnds?: true | undefined;
  /** The line of the header, if something is above it. */
  headerLine?: number | undefined;
  /** The first record is not data: a line of dashes below the header, or `sep=;` in a file without a header. */
  ruleLine?: true | undefined;
  /** The first line of the footer; there are no records from there on. */
  footerLine?: number | undefined;
  /** From this line to the footer: lines that the user declared as footer but that look like records. They are rejected. */
  doubtfulLine?: number | undefined;
  /** Records may lack their last fields: see `lacksEnd`. */
  shortRecords?: true | undefined;
}

/** The layout as stored with a job. A job of an older daemon has none: its file must be surveyed first (see run.ts). */
export function layoutIn({ fields, lineEnd, strayLineEnds, ...lines }: Source): Layout {
  if (fields === undefined) throw new Error('the file of the job has not been surveyed for its layout');
  const { headerLine, ruleLine, footerLine, doubtfulLine, shortRecords } = lines;
  return {
    ...{ fields, lineEnd, strayLineEnds, headerLine, ruleLine, footerLine },
    ...{ doubtfulLine, shortRecords },
  };
}

/** Whether a record has the layout's number of fields, and no values in those beyond the header. */
export function fits(fields: Fields, header: HeaderParts, layout: Layout): boolean {
  return fields.count === layout.fields && emptyFrom(header.cells, fields);
}

/**
 * Whether a record has too many fields to be the smaller part of a record that a line end cut in two: together, two parts
 * have one field more than the whole record.
 */
export function lacksEnd(count: number, fields: number): boolean {
  return count < fields && 2 * count >= fields + 2;
}

/** Adds a record's missing fields, all of them empty. */
export function padded(fields: Fields, count: number): Fields {
  const end = fields.ends[fields.count - 1]!;
  while (fields.count < count) fields.add(end, end);
  return fields;
}

/** Whether all fields of a record from a position onwards are empty. */
export function emptyFrom(position: number, fields: Fields): boolean {
  for (let at = position; at < fields.count; at++) if (hasValue(at, fields)) return false;
  return true;
}

/** Whether a field contains anything but white space. */
export function hasValue(position: number, { bytes, starts, ends }: Fields): boolean {
  const end = ends[position]!;
  return valueStart(bytes, starts[position]!, end) < end;
}

/** Describes the fault of a record that does not fit. `lineEnd` is its own line end if that is foreign, otherwise 0. */
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

/** Describes the fault of a record that has all its fields, but perhaps only a part of one field's text. */
export function cutInTwo(lineEnd: number, layout: Layout): string {
  const doubt = layout.strayLineEnds ? 'may be part' : 'part';
  return `${doubt} of a record that was cut at a line end, ${foreign(lineEnd, layout)}; ${QUOTE}, or save the file with one kind of line end`;
}

/** Describes the fault of a record that lacks its last fields, beside a rejected one. */
export function mayBeCut(found: number, layout: Layout): string {
  return `${found} fields where other records have ${layout.fields}, beside a record that is rejected: it may be part of it; ${QUOTE}`;
}

/** Describes the fault of a record among the lines that the user declared as footer. */
export const MAY_BE_FOOTER =
  'one of the last lines, which --footer leaves out, but it reads like a record, or one that was joined to the footer; separate them, or use a smaller --footer';

function foreign(lineEnd: number, layout: Layout): string {
  return `${shownLineEnd(lineEnd)} in a file whose lines end with ${(layout.lineEnd ?? '').toUpperCase()}`;
}

const QUOTE = 'quote a field that has the delimiter or a line end in it';
