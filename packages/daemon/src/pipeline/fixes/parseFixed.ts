/** Reads records of a file that was made from a report, and undoes what the report did to their cells. */
import { hasValue } from '../layout.js';
import type { Fields } from '../parse/fields.js';
import type { Parse } from '../parse.js';
import { isGuarded } from './formula.js';
import type { ReportColumns } from './reportColumns.js';

/** In `_cells`: the first cell holds the whole record as it is in the file, because it could not be cut into cells. */
export const WHOLE = 'whole';

/**
 * Returns a parse function that removes the apostrophes listed in `_cells` (see originalText.ts). A record that is not
 * yet cut into cells, or that has no values at all (like malformed ones in errors.csv), keeps only one field, so it
 * does not fit and is rejected again.
 */
export function parseFixed(parse: Parse, report: ReportColumns | undefined): Parse {
  if (report === undefined) return parse;
  const own = [...Array(report.cells).keys()].filter((at) => !report.positions.includes(at));
  return (record) => {
    const fields = parse(record);
    if (fields.count === report.cells) undo(fields, own, report);
    return fields;
  };
}

function undo(fields: Fields, own: readonly number[], { marks }: ReportColumns): void {
  const words = marks === undefined ? [] : fields.text(marks).trim().split(' ');
  for (const word of words) {
    const at = Number(word) - 1;
    if (own.includes(at) && isGuarded(fields.text(at))) fields.starts[at]!++;
  }
  const beyond = words.includes(WHOLE) ? own.slice(1) : own;
  if (!beyond.some((at) => hasValue(at, fields))) fields.count = 1;
}
