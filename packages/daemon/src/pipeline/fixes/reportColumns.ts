/**
 * The columns that reports add to the columns of a file. In a file that was made of a report they are no data: they are left
 * out, with a notice.
 */
/** What `--original` adds at the end; the third only where cells are safe for spreadsheets. */
export const ADDED = ['_line', '_error', '_cells'] as const;
/** What errors.csv has beside the values. */
const IN_ERRORS = ['rowNumber', 'error'] as const;

/** Where they stand in a header. Plain data: it can be sent to a worker thread. */
export interface ReportColumns {
  /** Counted from 0. */
  positions: number[];
  /** How many fields the header has. */
  cells: number;
  /** The position of `_cells`. */
  marks?: number;
}

/** How many columns of a report a header ends with, just as reports write them: 0, 2 or 3. */
export function addedAtEnd(cells: readonly string[]): number {
  const names = cells.map((cell) => cell.trim());
  for (const count of [3, 2])
    if (names.length > count && ADDED.slice(0, count).every((name, at) => names.at(at - count) === name))
      return count;
  return 0;
}

/**
 * The names that are a report's in a file of fixed records: those that are not the parent's own.
 * @param parent the header of the file whose records were rejected
 */
export function reportNames(parent: readonly string[]): string[] {
  const own = parent.slice(0, parent.length - addedAtEnd(parent)).map((cell) => cell.trim());
  return [...ADDED, ...IN_ERRORS].filter((name) => !own.includes(name));
}

/** @param names those of `reportNames`; without any, only what stands at the end as reports write it */
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
