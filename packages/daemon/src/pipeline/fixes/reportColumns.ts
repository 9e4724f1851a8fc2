/**
 * The columns that reports add to those of a file. In a file made from a report they are not data: they are left out,
 * with a notice.
 */
/** The columns that `--original` adds at the end; the third only if cells are made safe for spreadsheets. */
export const ADDED = ['_line', '_error', '_cells'] as const;
/** The columns of errors.csv beside the values. */
const IN_ERRORS = ['rowNumber', 'error'] as const;

/** The positions of a report's columns in a header. Plain data, which can be sent to a worker thread. */
export interface ReportColumns {
  /** Counted from 0. */
  positions: number[];
  /** Number of fields in the header. */
  cells: number;
  /** The position of `_cells`. */
  marks?: number;
}

/** Returns how many of a report's columns a header ends with, exactly as reports write them: 0, 2 or 3. */
export function addedAtEnd(cells: readonly string[]): number {
  const names = cells.map((cell) => cell.trim());
  for (const count of [3, 2])
    if (names.length > count && ADDED.slice(0, count).every((name, at) => names.at(at - count) === name))
      return count;
  return 0;
}

/**
 * Returns the names that belong to a report in a file of fixed records: those that are not the original file's own.
 * @param parent the header of the file whose records were rejected
 */
export function reportNames(parent: readonly string[]): string[] {
  const own = parent.slice(0, parent.length - addedAtEnd(parent)).map((cell) => cell.trim());
  return [...ADDED, ...IN_ERRORS].filter((name) => !own.includes(name));
}

/**
 * @param names the names from `reportNames`; without any, only the columns at the end, as reports write them, are found
 */
export function findReportColumns(
  cells: readonly string[],
  names: readonly string[],
): ReportColumns | undefined {
  const end = cells.length - addedAtEnd(cells);
  const positions = [...cells.keys()].filter((at) => at >= end || names.includes(cells[at]!.trim()));
  if (positions.length === 0) return undefined;
  const marks = positions.find((at) => cells[at]!.trim() === ADDED[2]);
  return { positions, cells: cells.length, ...(marks !== undefined && { marks }) };
}
