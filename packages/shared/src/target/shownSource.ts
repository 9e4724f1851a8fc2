/** Where a column is from, as a person writes it: for notices, and for `--map`, which takes it back. */

/** `First Name + Last Name`, or `Phone | Mobile`. */
export function shownSource(fields: readonly string[], join: 'first' | 'blank'): string {
  return shownAlternatives(join === 'blank' ? [fields] : fields.map((name) => [name]));
}

/** `First Name + Last Name | Company`: fields that are joined, and what counts where none of them has a value. */
export function shownAlternatives(alternatives: readonly (readonly string[])[]): string {
  return alternatives.map((fields) => fields.map(writeFieldName).join(' + ')).join(' | ');
}

/** A name of a field, in double quotes where a reader would see several, or blanks around it would be lost. */
export function writeFieldName(name: string): string {
  if (!/["|]|\s\+(?:\s|$)|^\s|\s$|^$/.test(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}
