/** The options of the command line that load a file whose header was refused, where they can be known. */
import {
  CONTACT_PERSONS,
  type Concept,
  conceptNames,
  conceptOf,
  DOUBTFUL_COMPANIES,
  DOUBTFUL_EMAILS,
  findConcepts,
  foldName,
  HALF_NAMES,
  PLAIN_NAMES,
  shownAlternatives,
  shownSource,
  type Target,
  writeFieldName,
} from '@csvjobs/shared';
import { fieldReference } from './columnSources.js';
import { ambiguousIn, type FoundHeader } from './headerWords.js';

/**
 * Options, as words of a command line: a field for each column that lacks one, or a value for every row. Undefined where one
 * column has neither: a key cannot have the same value twice, and a value that is no text is nobody's to invent.
 */
export function loadingOptions(target: Target, header: FoundHeader): string[] | undefined {
  const { mapping, cells } = header;
  const options: string[] = [];
  const used = new Set(header.used);
  for (const { columns, names, positions } of ambiguousIn(header)) {
    if (columns.length > 1) return undefined;
    // Fields with the same name cannot be told apart: the first one is used.
    const isSame = new Set(names).size === 1;
    const meant = isSame ? positions.slice(0, 1) : positions;
    const references = meant.map((position) => fieldReference(position, cells));
    options.push('--map', `${columns[0]}=${shownSource(references, 'first')}`);
  }
  // Those with a field first: a field that two columns may be is the better one's.
  const fields = new Map(mapping.missing.map((column) => [column, fieldsFor(column, cells, header, used)]));
  const swapped = fields.has('company') && swappedNames(header, fields.get('company')?.[0]);
  if (swapped) {
    fields.set('company', [swapped.company]);
    options.push('--map', `name=${shownSource(swapped.name, 'blank')}`);
  }
  for (const column of mapping.missing) {
    const from = fields.get(column);
    const firm =
      from === undefined && conceptOf(column) === 'name'
        ? firmOptions(target, column, header.cells)
        : undefined;
    if (firm) options.push(...firm);
    else if (from !== undefined) options.push('--map', `${column}=${shownSource(from, 'blank')}`);
    else if (takesAnyText(target, column)) options.push('--default', `${column}=Unknown`);
    else return undefined;
  }
  return options.length === 0 || (header.empty && !options.includes('--map')) ? undefined : options;
}

/**
 * The field that may be the column by a word in its name, or the two that have the parts of a person's name. Nothing else is from
 * them, and they count as used then.
 */
function fieldsFor(
  column: string,
  cells: readonly string[],
  { mapping }: FoundHeader,
  used: Set<number>,
): string[] | undefined {
  const concept = conceptOf(column);
  const free = mapping.ignored.filter(({ position, name }) => name !== '' && !used.has(position));
  const parts: readonly Concept[] = concept === 'name' ? ['firstName', 'lastName'] : [];
  const byName = concept === undefined ? [] : (DOUBTFUL_NAMES[concept] ?? []);
  const single = () =>
    free.find(({ name }) => findConcepts(name).some((each) => parts.includes(each.concept))) ??
    byName
      .map((name) => free.find((each) => foldName(each.name) === name))
      .find((each) => each !== undefined) ??
    free
      .filter(({ name }) => concept !== undefined && hasWordOf(name, conceptNames(concept)))
      .sort((a, b) => a.name.length - b.name.length)[0] ??
    free.find(({ suggestion }) => suggestion === column);
  const found = (concept === 'name' && partsOfName(free)) || [single()].filter((each) => each !== undefined);
  if (found.length === 0) return undefined;
  for (const { position } of found) used.add(position);
  return found.map(({ position }) => fieldReference(position, cells));
}

/** Fields whose names differ only in the words for first and last: `Recipient First Name` and `Recipient Last Name`. */
function partsOfName<Field extends { name: string }>(free: readonly Field[]): [Field, Field] | undefined {
  const named = free.map((field) => ({ field, words: ` ${plainWords(field.name).trim()} ` }));
  for (const { field, words } of named)
    for (const first of FIRST_NAMES) {
      if (!words.includes(` ${first} `)) continue;
      const meant = LAST_NAMES.map((last) => words.replace(` ${first} `, ` ${last} `));
      const other = named.find((each) => each.field !== field && meant.includes(each.words));
      if (other) return [field, other.field];
    }
  return undefined;
}

const FIRST_NAMES = conceptNames('firstName').map((name) => plainWords(name).trim());
const LAST_NAMES = [
  ...conceptNames('lastName'),
  ...HALF_NAMES.filter(({ is }) => is === 'lastName').map(({ name }) => name),
].map((name) => plainWords(name).trim());

/**
 * The options that take the company for the name: of a list of companies each is its own name. Undefined where no field is a company.
 * @param column the table's column for names
 */
export function firmOptions(
  { columns }: Pick<Target, 'columns'>,
  column: string,
  cells: readonly string[],
): string[] | undefined {
  const position = companyPosition(cells);
  if (position === undefined) return undefined;
  const field = fieldReference(position, cells);
  const company = columns.find(({ name }) => conceptOf(name) === 'company')?.name;
  // A field that a name is from is found for no other column, but by that column's own name.
  const isByName = company === undefined || foldName(company) === foldName(cells[position]!);
  return [
    ...['--map', `${column}=${writeFieldName(field)}`],
    ...(isByName ? [] : ['--map', `${company}=${writeFieldName(field)}`]),
  ];
}

/**
 * The options that take the company for the name where a record has no person: of a file of both. Undefined as above.
 * @param name the fields that a name is joined of, as `--map` names them
 */
export function mixedOptions(
  target: Pick<Target, 'columns'>,
  column: string,
  cells: readonly string[],
  name: readonly string[],
): string[] | undefined {
  const firm = firmOptions(target, column, cells);
  if (firm === undefined) return undefined;
  const [option, , ...others] = firm;
  return [
    option!,
    `${column}=${shownAlternatives([name, [fieldReference(companyPosition(cells)!, cells)]])}`,
    ...others,
  ];
}

/** A value for records without a company, where the table needs one and any text is as good. */
export function companyDefault(target: Target): string[] {
  const company = target.columns.find(({ name }) => conceptOf(name) === 'company')?.name;
  return company !== undefined && takesAnyText(target, company) ? ['--default', `${company}=Unknown`] : [];
}

/** The first field that is a company, counted from 0. */
export function companyPosition(cells: readonly string[]): number | undefined {
  const position = cells.findIndex((name) => findConcepts(name)[0]?.concept === 'company');
  return position === -1 ? undefined : position;
}

interface Swapped {
  company: string;
  name: string[];
}

/** @param guessed the field that the company may be from */
function swappedNames(header: FoundHeader, guessed: string | undefined): Swapped | undefined {
  const person = namedPerson(header);
  if (guessed === undefined) return person ?? nameAsCompany(header);
  return person?.name[0] === guessed ? person : undefined;
}

/** The `Name` of a customer of Navision, who is a company: its person is in a field of its own. */
function namedPerson({ cells, mapping, bySpec }: FoundHeader): Swapped | undefined {
  const company = usedField(cells, mapping, PLAIN);
  const person = mapping.ignored.find(({ name }) => PERSONS.includes(foldName(name)));
  if (company === undefined || !person || bySpec.has('name')) return undefined;
  return { company: fieldReference(company, cells), name: [fieldReference(person.position, cells)] };
}

/** The position of the first field with one of these names that a column is from. */
function usedField(
  cells: readonly string[],
  { ignored }: FoundHeader['mapping'],
  names: readonly string[],
): number | undefined {
  const at = cells.findIndex(
    (name, position) => names.includes(foldName(name)) && !ignored.some((each) => each.position === position),
  );
  return at === -1 ? undefined : at;
}

const PERSONS = CONTACT_PERSONS.map(foldName);
const PLAIN = PLAIN_NAMES.map(foldName);

/**
 * The field that a name was taken from, where it may be the company as well and first and last name have fields of their own:
 * the `*ContactName` of Xero, the `Customer` of QuickBooks.
 */
function nameAsCompany({ cells, mapping, bySpec }: FoundHeader): Swapped | undefined {
  const part = (concept: Concept) =>
    mapping.ignored.find(({ name }) => findConcepts(name)[0]?.concept === concept)?.position;
  const company = usedField(cells, mapping, DOUBTFUL);
  const parts = [part('firstName'), part('lastName')];
  if (company === undefined || bySpec.has('name') || !parts.every((position) => position !== undefined))
    return undefined;
  return {
    company: fieldReference(company, cells),
    name: parts.map((position) => fieldReference(position, cells)),
  };
}

const DOUBTFUL = DOUBTFUL_COMPANIES.map(foldName);

/** Names that may be a column's, or something else, folded. */
const DOUBTFUL_NAMES: Partial<Record<Concept, readonly string[]>> = {
  company: DOUBTFUL,
  email: DOUBTFUL_EMAILS.map(foldName),
  name: PERSONS,
};

/** `Which company do you work for?` has `company` in it, and `What's your e-mail?` has `email`. */
function hasWordOf(name: string, known: readonly string[]): boolean {
  const words = ` ${plainWords(name)} `;
  return known.some((each) => words.includes(` ${plainWords(each)} `));
}

function plainWords(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/e[-‐ ]mail/gu, 'email')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ');
}

/** A text without a rule that the word of an example may break, in no key. */
function takesAnyText({ columns, keys, checks }: Target, name: string): boolean {
  const column = columns.find((each) => each.name === name);
  const limited =
    keys.some((key) => key.columns.includes(name)) || checks.some((check) => check.columns.includes(name));
  return column?.type.name === 'text' && column.type.domain === null && !limited;
}
