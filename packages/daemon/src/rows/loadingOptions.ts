/** The options of the command line that load a file whose header was refused, where they can be known. */
import {
  conceptNames,
  conceptOf,
  findConcepts,
  foldName,
  shownSource,
  type Target,
  writeFieldName,
} from '@csvjobs/shared';
import { ambiguousIn, type FoundHeader } from './headerWords.js';

/**
 * Options, as words of a command line: a field for each column that lacks one, or a value for every row. Undefined where one
 * column has neither: a key cannot have the same value twice, and a value that is no text is nobody's to invent.
 */
export function loadingOptions(target: Target, header: FoundHeader): string[] | undefined {
  const { mapping, cells } = header;
  const options: string[] = [];
  const used = new Set(header.used);
  for (const { columns, names } of ambiguousIn(header)) {
    // Two fields with one name cannot be told apart.
    if (columns.length > 1 || new Set(names.map(foldName)).size < names.length) return undefined;
    options.push('--map', `${columns[0]}=${shownSource(names, 'first')}`);
  }
  // Those with a field first: a field that two columns may be is the better one's.
  const fields = new Map(mapping.missing.map((column) => [column, fieldFor(column, cells, header, used)]));
  for (const column of mapping.missing) {
    const field = fields.get(column);
    if (field !== undefined) options.push('--map', `${column}=${writeFieldName(field)}`);
    else if (takesAnyText(target, column)) options.push('--default', `${column}=Unknown`);
    else return undefined;
  }
  return options.length === 0 || header.empty ? undefined : options;
}

/** A field that nothing else is from, and that may be the column by a word in its name; it is used then. */
function fieldFor(
  column: string,
  cells: readonly string[],
  { mapping }: FoundHeader,
  used: Set<number>,
): string | undefined {
  const concept = conceptOf(column);
  const parts = concept === 'name' ? ['firstName', 'lastName'] : [];
  const free = mapping.ignored.filter(({ position, name }) => name !== '' && !used.has(position));
  const found =
    free.find(({ suggestion }) => suggestion === column) ??
    free.find(({ name }) => findConcepts(name).some((each) => parts.includes(each.concept))) ??
    free
      .filter(({ name }) => concept !== undefined && hasWordOf(name, conceptNames(concept)))
      .sort((a, b) => a.name.length - b.name.length)[0];
  // Named in a command it must be the only field with its name.
  if (!found || cells.filter((cell) => foldName(cell) === foldName(found.name)).length > 1) return undefined;
  used.add(found.position);
  return found.name;
}

/** `Which company do you work for?` has `company` in it. */
function hasWordOf(name: string, known: readonly string[]): boolean {
  const words = ` ${name.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')} `;
  return known.some((each) => words.includes(` ${each} `));
}

/** A text without a rule that the word of an example may break, in no key. */
function takesAnyText({ columns, keys, checks }: Target, name: string): boolean {
  const column = columns.find((each) => each.name === name);
  const limited =
    keys.some((key) => key.columns.includes(name)) || checks.some((check) => check.columns.includes(name));
  return column?.type.name === 'text' && column.type.domain === null && !limited;
}
