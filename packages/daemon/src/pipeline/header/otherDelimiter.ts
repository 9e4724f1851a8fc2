/** Finds the delimiter of a file whose header was read as one name, if it is not one of those that are detected. */

/** Marks that separate names and are not part of them: `^`, `~|~`, `::`. */
const MARKS = /[\p{P}\p{S}]+/gu;
/** Maximum number of marks to try in one header. */
const MOST_TRIED = 20;

/**
 * Returns the option that cuts the header into names that the table accepts.
 * @param cells the cells of the header
 * @param plan throws if the table does not accept a header with these cells
 * @returns words of a command line; undefined if the header has several cells, or no mark cuts it in this way
 */
export function otherDelimiter(
  cells: readonly string[],
  plan: (cells: readonly string[]) => unknown,
): string[] | undefined {
  const [only = '', ...others] = cells;
  if (others.length > 0) return undefined;
  const runs = only.match(MARKS) ?? [];
  const marks = [...new Set([...runs, ...runs.flatMap((run) => [...run])])].slice(0, MOST_TRIED);
  const found = marks.find((mark) => {
    try {
      plan(only.split(mark).map((name) => name.trim()));
      return true;
    } catch {
      return false;
    }
  });
  return found === undefined ? undefined : ['--delimiter', found];
}
