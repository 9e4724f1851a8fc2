/** A count with its noun: `1 row`, `2 rows`. For messages, whose numbers have no separators. */
export function withNoun(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
