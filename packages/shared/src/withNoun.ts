/** A count for people: `6,250`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** Number of rows or records of a file or a table: `1 row`, `6,250 rows`. */
export function rowCount(count: number, noun = 'row'): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Any other count with its noun: `1 character`, `1000 characters`. Sizes and limits are written as in settings and types. */
export function withNoun(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The verb that agrees with a count: `1 row is`, `2 rows are`. */
export function isOrAre(count: number): 'is' | 'are' {
  return count === 1 ? 'is' : 'are';
}

/** Likewise: `1 row was`, `2 rows were`. */
export function wasOrWere(count: number): 'was' | 'were' {
  return count === 1 ? 'was' : 'were';
}
