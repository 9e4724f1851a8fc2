/** The delimiter of a file whose header was read as one name, where it is none of those that are looked for. */

/** What separates names without being a part of them: `^`, `~|~`, `::`. */
const MARKS = /[\p{P}\p{S}]+/gu;
/** More in one header are looked at by nobody. */
const MOST_TRIED = 20;

/**
 * The option that cuts the header into names that the table takes.
 * @param cells of the header
 * @param plan throws where the table does not take a header with these cells
 * @returns words of a command line; undefined where the header has several cells, or no mark cuts it so
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
