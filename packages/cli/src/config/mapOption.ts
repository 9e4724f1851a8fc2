/** `--map`: the field, or fields, of the file that fill a column. */
import type { Alternative } from '@csvjobs/shared';
import { alternativeOf } from '@csvjobs/shared/rules';
import { usageError } from '../userError.js';

/** The source of a column as in a spec: several fields joined, or the first of several that has a value. */
export type Mapped = { column: string } & (
  | { key: 'combine'; fields: string[] }
  | { key: 'firstOf'; fields: Alternative[] }
);

/** A name in double quotes, in which two quotes stand for one; or everything up to ` + ` or `|`. */
const NAME = /\s*(?:"((?:[^"]|"")*)"|((?:(?!\s\+(?:\s|$))[^|"])+))\s*(\+|\||$)/y;

/**
 * Reads `company=Account Name`, `name=First Name + Last Name`, `phone=Phone | Mobile`, and both combined: in
 * `name=First Name + Last Name | Company` the company is used if neither name has a value. A name that contains ` + `,
 * `|` or quotes must be in double quotes.
 * @throws UserError (exit 2)
 */
export function readMap(text: string): Mapped {
  const at = text.indexOf('=');
  const column = text.slice(0, Math.max(0, at)).trim();
  const rest = text.slice(at + 1);
  if (column === '' || rest.trim() === '')
    throw notUnderstood(text, 'it takes a column of the table, an equals sign and a field of the file');
  const alternatives = readAlternatives(text, rest);
  const [first] = alternatives as [string[]];
  return alternatives.length === 1 && first.length > 1
    ? { column, key: 'combine', fields: first }
    : { column, key: 'firstOf', fields: alternatives.map(alternativeOf) };
}

/** Reads names joined by ` + `, in groups separated by `|`. */
function readAlternatives(text: string, rest: string): string[][] {
  const alternatives: string[][] = [[]];
  for (NAME.lastIndex = 0; ; ) {
    const from = NAME.lastIndex;
    if (/^\s*(?:$|[|]|\+(?:\s|$))/.test(rest.slice(from))) throw notUnderstood(text, missingName(rest, from));
    const match = NAME.exec(rest);
    const name = match && (match[1]?.replaceAll('""', '"') ?? match[2]!.trim());
    if (!match || name === '')
      throw notUnderstood(
        text,
        'a name with " + ", "|" or quotes in it must be in double quotes, with its own quotes doubled',
      );
    alternatives.at(-1)!.push(name!);
    const mark = match[3];
    if (mark === '') return alternatives;
    if (mark === '|') alternatives.push([]);
  }
}

function missingName(rest: string, at: number): string {
  const before = rest.slice(0, at).trimEnd().at(-1);
  const after = rest.slice(at).trimStart().at(0);
  if (before === undefined) return `a field is missing before "${after}"`;
  return after === undefined
    ? `a field is missing after "${before}"`
    : `a field is missing between "${before}" and "${after}"`;
}

function notUnderstood(text: string, why: string) {
  return usageError(
    `--map ${JSON.stringify(text)} is not understood`,
    why,
    "--map 'company=Account Name', --map 'name=First Name + Last Name', --map 'phone=Phone | Mobile' or --map 'name=First Name + Last Name | Company'",
  );
}
