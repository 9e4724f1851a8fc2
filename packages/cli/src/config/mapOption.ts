/** `--map`: the field of the file, or the fields, that a column is from. */
import { usageError } from '../userError.js';

/** What a column is from: several fields joined, or the first of them that has a value. */
export interface Mapped {
  column: string;
  key: 'combine' | 'firstOf';
  fields: string[];
}

/** A name in double quotes, in which two stand for one; or all up to ` + ` or `|`. */
const NAME = /\s*(?:"((?:[^"]|"")*)"|((?:(?!\s\+\s)[^|"])+))\s*(\+|\||$)/y;

/**
 * Reads `company=Account Name`, `name=First Name + Last Name` and `phone=Phone | Mobile`. A name that has ` + `, `|` or quotes
 * in it stands in double quotes.
 * @throws UserError (exit 2)
 */
export function readMap(text: string): Mapped {
  const at = text.indexOf('=');
  const column = text.slice(0, Math.max(0, at)).trim();
  const rest = text.slice(at + 1);
  if (column === '' || rest.trim() === '')
    throw notUnderstood(text, 'it takes a column of the table, an equals sign and a field of the file');
  const fields: string[] = [];
  const marks = new Set<string>();
  for (NAME.lastIndex = 0; NAME.lastIndex < rest.length || marks.has('open'); ) {
    const match = NAME.exec(rest);
    const name = match && (match[1]?.replaceAll('""', '"') ?? match[2]!.trim());
    if (!match || name === '')
      throw notUnderstood(
        text,
        'a name with " + ", "|" or quotes in it stands in double quotes, each of its quotes twice',
      );
    fields.push(name!);
    const [, , , mark] = match;
    marks.delete('open');
    if (mark === '') break;
    marks.add(mark!);
    if (NAME.lastIndex === rest.length) marks.add('open');
  }
  if (marks.has('+') && marks.has('|'))
    throw notUnderstood(text, '" + " joins fields and "|" takes the first that has a value; use one of them');
  return { column, key: marks.has('+') ? 'combine' : 'firstOf', fields };
}

function notUnderstood(text: string, why: string) {
  return usageError(
    `--map ${JSON.stringify(text)} is not understood`,
    why,
    "--map 'company=Account Name', --map 'name=First Name + Last Name' or --map 'phone=Phone | Mobile'",
  );
}
