/** Reads the header of a file that may have been made from a report. */
import type { FirstRecords } from '../../rows/suitingValues.js';
import type { HeaderParts } from '../header.js';
import type { HeaderRule } from '../headerRule.js';
import { findReportColumns } from './reportColumns.js';

/** Returns a rule that reads headers without a report's columns (see readWithoutReport). */
export function withoutReport<Of extends HeaderParts>(
  rule: HeaderRule<Of>,
  names: readonly string[] | undefined,
): HeaderRule<Of> {
  return Object.assign(
    (cells: readonly string[], delimiter: string, records?: FirstRecords) =>
      readWithoutReport((all) => rule(all, delimiter, records), cells, names),
    { ...rule },
  );
}

/**
 * Reads a header by a rule, without a report's columns.
 * @param names names that belong to a report in any position (`reportNames`); without any, only the columns at the end,
 *   as reports write them, are left out
 * @throws {Failure} as the rule does
 */
function readWithoutReport<Of extends HeaderParts>(
  rule: (cells: readonly string[]) => Of,
  cells: readonly string[],
  names: readonly string[] = [],
): Of {
  const report = findReportColumns(cells, names);
  if (report === undefined) return rule(cells);
  const isReport = (at: number) => report.positions.includes(at);
  const header = rule(cells.map((cell, at) => (isReport(at) ? '' : cell)));
  const left = report.positions.map((at) => cells[at]!.trim()).join(', ');
  return {
    ...header,
    named: Math.max(header.named, report.positions.at(-1)! + 1),
    nameless: header.nameless.filter((at) => !isReport(at)),
    notices: [...header.notices, `left out the columns of a report: ${left}`],
    report,
  };
}
