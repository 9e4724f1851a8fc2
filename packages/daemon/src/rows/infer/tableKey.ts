/**
 * Resolves the primary key that the user asks for, by column names or headers, and checks whether the file can have it.
 */

import { mapHeader } from '@csvjobs/shared';
import { grouped } from '@csvjobs/shared/reading';
import type { NamedColumn } from './columnNames.js';
import type { ColumnSurvey } from './columnSurvey.js';
import { shownName } from './sentences.js';

export interface KeyColumn extends NamedColumn {
  survey: ColumnSurvey;
  isText: boolean;
}

/** The request does not fit the file; the file itself is fine. */
export class Unfit extends Error {
  override readonly name = 'Unfit';
}

/**
 * Returns the names of the key's columns, in the requested order.
 * @throws {Unfit} if there is no such column, or it cannot be in a key
 */
export function keyOf(asked: readonly string[], columns: readonly KeyColumn[]): string[] {
  const known = columns.map(({ name, header }) => ({ name, aliases: [header], required: false }));
  const { fields, ignored, ambiguous } = mapHeader(asked, known);
  const [unknown] = ignored;
  if (unknown !== undefined) throw new Unfit(noSuchColumn(unknown, columns));
  const [doubtful] = ambiguous;
  if (doubtful !== undefined)
    throw new Unfit(
      `the key ${doubtful.names.map(shownName).join(', ')} may be ${doubtful.columns.map(shownName).join(' or ')}`,
    );
  return fields.map(({ column }) => {
    const found = columns.find(({ name }) => name === column)!;
    const fault = keyFault(found);
    if (fault !== undefined) throw new Unfit(`${shownName(column)} cannot be in the key: ${fault}`);
    return column;
  });
}

function noSuchColumn(
  {
    name,
    outdone,
    suggestion,
  }: { name: string; outdone: string | undefined; suggestion: string | undefined },
  columns: readonly NamedColumn[],
): string {
  if (outdone !== undefined) return `the key has ${shownName(outdone)} twice`;
  const meant = suggestion === undefined ? '' : `, did you mean ${shownName(suggestion)}?`;
  const names = columns.slice(0, SHOWN).map((column) => shownName(column.name));
  const more = columns.length > SHOWN ? ' …' : '';
  return `there is no column ${JSON.stringify(name)}${meant || `; there are ${names.join(', ')}${more}`}`;
}

const SHOWN = 30;

function keyFault({ found, survey, isText }: KeyColumn): string | undefined {
  if (!found) return 'a load does not find it by the header';
  // Blanks alone are a value for text, but a missing value for all other types.
  const missing = survey.empty + (isText ? 0 : survey.blank);
  if (missing === 0) return undefined;
  const lines = [survey.firstEmpty, isText ? 0 : survey.firstBlank].filter((line) => line > 0);
  const fields = missing === 1 ? 'one field has' : `${grouped(missing)} fields have`;
  return `${fields} no value, the first on line ${Math.min(...lines)}`;
}
