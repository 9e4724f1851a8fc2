/** The source of a column as people write it: for notices, and for `--map`, which can read it. */

/** `First Name + Last Name`, or `Phone | Mobile`. */
export function shownSource(fields: readonly string[], join: 'first' | 'blank'): string {
  return shownAlternatives(join === 'blank' ? [fields] : fields.map((name) => [name]));
}

/** `First Name + Last Name | Company`: fields to join, and the alternatives if none of them has a value. */
export function shownAlternatives(alternatives: readonly (readonly string[])[]): string {
  return alternatives.map((fields) => fields.map(writeFieldName).join(' + ')).join(' | ');
}

/** Writes a field's name, in double quotes if it would otherwise be read as several, or lose surrounding spaces. */
export function writeFieldName(name: string): string {
  if (!/["|]|\s\+(?:\s|$)|^\s|\s$|^$/.test(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}
