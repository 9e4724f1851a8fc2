/** Maximum number of names in a sentence; the rest are only counted. */
const SHOWN = 10;

export function listed(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
