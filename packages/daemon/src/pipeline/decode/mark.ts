/** Finds marks between fields, of delimiters such as `|+|`. */

/** No word for a missing value, such as a dash, which a whole column may have. */
const MARK = /^[+~^@#$%&!=:;|]{1,3}$/;

/**
 * Returns the mark between all fields of all records, if there is one. The first record decides: its every second field is the mark.
 * Values of the others may have the delimiter in them, which is why such files have a mark. Lines without any delimiter are titles
 * and notes.
 * @param named the number of fields that the user has named: records with as many have no mark between them
 */
export function markBetween(lines: readonly string[][], named: number | undefined): string | undefined {
  const records = lines.filter(({ length }) => length > 1);
  const [first, ...others] = records;
  const mark = first?.[1];
  if (first === undefined || mark === undefined || !MARK.test(mark) || !isBetweenAll(first, mark))
    return undefined;
  // A single record with one mark may be a header with such a name.
  if (others.length === 0 && first.length < 5) return undefined;
  if (records.some(({ length }) => length === named)) return undefined;
  const count = marksIn(first, mark);
  return others.every((record) => isBetweenAll(record, mark) || marksIn(record, mark) === count)
    ? mark
    : undefined;
}

function isBetweenAll(record: readonly string[], mark: string): boolean {
  return record.length > 2 && record.length % 2 === 1 && marksIn(record, mark) === (record.length - 1) / 2;
}

/** Returns the number of marks between fields: the field after a mark is a value, even if it looks like one. */
function marksIn(record: readonly string[], mark: string): number {
  let count = 0;
  for (let at = 1; at < record.length - 1; at++) {
    if (record[at] !== mark) continue;
    count++;
    at++;
  }
  return count;
}
