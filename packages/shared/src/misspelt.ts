/** Detects words that are typos of another word. */

/** Words shorter than this are too close to others: `title` and `tel`, `zip` and `tel`. */
const SHORTEST = 4;
/** Words with at least this many letters may have two typos. */
const LONG = 6;
/** Words of two letters are too close to others even if only their order differs: `no` and `on`. */
const SHORTEST_SWAPPED = 3;
/** Longer than any column name. */
const LONGEST = 40;

/** Whether two different lower-case words are so close that one may be a typo of the other. `f` counts as `ph`. */
export function isMisspelt(written: string, meant: string): boolean {
  if (written.length > LONGEST) return false;
  // A swap keeps all letters, so it is a typo even in a word that is too short for others, and of its first letter.
  if (written.length >= SHORTEST_SWAPPED && areSwapped(written, meant)) return true;
  const [a, b] = [written, meant].map((word) => word.replaceAll('ph', 'f')) as [string, string];
  const length = Math.min(a.length, b.length);
  if (length < SHORTEST) return false;
  // In a short word the first letter is rarely wrong: `zone` is no typo of `phone`.
  if (length < LONG && a[0] !== b[0]) return false;
  // `customer id` is not `customer` with two typos: text added at an end is another word.
  const continued = a.startsWith(b) || b.startsWith(a) || a.endsWith(b) || b.endsWith(a);
  return editDistance(a, b) <= (length < LONG || continued ? 1 : 2);
}

/** Whether two words differ only in the order of two neighbouring letters. */
function areSwapped(a: string, b: string): boolean {
  if (a === b || a.length !== b.length) return false;
  let at = 0;
  while (a[at] === b[at]) at++;
  return a.slice(0, at) + a[at + 1] + a[at] + a.slice(at + 2) === b;
}

/** The minimum number of letters to insert, delete, replace, or swap with the next one (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** Maximum distance from a known word at which a word counts as a typo. */
const NEAR = 3;

/**
 * Returns the known word that is most similar to the given one, or undefined if none is similar.
 * @param typos the maximum; a short word may have fewer
 */
export function nearest(word: string, known: readonly string[], typos = NEAR): string | undefined {
  return known
    .filter(({ length }) => Math.abs(length - word.length) <= typos)
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.min(typos, Math.floor(name.length / 2)))
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}
