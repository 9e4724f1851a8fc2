/** A count with its noun: `1 row`, `2 rows`. For messages, whose numbers have no separators. */
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
