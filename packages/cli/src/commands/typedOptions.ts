/** A problem that names a property of the spec, which the user gave as an option: names the option. */

/** Options whose names are not those of their property with hyphens. */
const OTHER_NAMES: Partial<Record<string, string>> = {
  mode: '--on-conflict',
  firstOf: '--map',
  combine: '--map',
};

function optionOf(property: string): string {
  return OTHER_NAMES[property] ?? `--${property.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Returns a text with the options of this command line in place of the properties that they have set; a property that
 * comes from a spec keeps its name, because the spec is what has to be corrected.
 * @param words the words of this command line
 */
export function withTypedOptions(text: string, words: readonly string[]): string {
  const given = new Set(words.map((word) => word.replace(/=.*/s, '')));
  return text.replace(/\bcsvjobs\.(\w+)/g, (named, property: string) => {
    const option = optionOf(property);
    return given.has(option) ? option : named;
  });
}
