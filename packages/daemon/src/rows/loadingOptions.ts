/** The options of the command line that load a file whose header was refused, where they can be known. */
import {
  CONTACT_PERSONS,
  type Concept,
  conceptNames,
  conceptOf,
  DOUBTFUL_COMPANIES,
  findConcepts,
  foldName,
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
  const fields = new Map(mapping.missing.map((column) => [column, fieldFor(column, cells, header, used)]));
  const swapped = fields.has('company') && swappedNames(header, fields.get('company'));
  if (swapped) {
    fields.set('company', swapped.company);
    options.push('--map', `name=${shownSource(swapped.name, 'blank')}`);
  }
  for (const column of mapping.missing) {
    const field = fields.get(column);
    const firm =
      field === undefined && conceptOf(column) === 'name'
        ? firmOptions(target, column, header.cells)
        : undefined;
    if (firm) options.push(...firm);
    else if (field !== undefined) options.push('--map', `${column}=${writeFieldName(field)}`);
    else if (takesAnyText(target, column)) options.push('--default', `${column}=Unknown`);
    else return undefined;
  }
  return options.length === 0 || (header.empty && !options.includes('--map')) ? undefined : options;
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
    free.find(({ name }) => findConcepts(name).some((each) => parts.includes(each.concept))) ??
    (concept === 'company' ? DOUBTFUL.map((name) => free.find((each) => foldName(each.name) === name)) : [])
      .concat(
        free
          .filter(({ name }) => concept !== undefined && hasWordOf(name, conceptNames(concept)))
          .sort((a, b) => a.name.length - b.name.length),
      )
      .find((each) => each !== undefined) ??
    free.find(({ suggestion }) => suggestion === column);
  if (!found) return undefined;
  used.add(found.position);
  return fieldReference(found.position, cells);
}

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
  const company = mapping.fields.find(({ column }) => conceptOf(column) === 'name');
  const person = mapping.ignored.find(({ name }) => PERSONS.includes(foldName(name)));
  if (!company || !person || bySpec.has(company.column)) return undefined;
  if (foldName(cells[company.position]!) !== 'name') return undefined;
  return {
    company: fieldReference(company.position, cells),
    name: [fieldReference(person.position, cells)],
  };
}

const PERSONS = CONTACT_PERSONS.map(foldName);

/**
 * The field that a name was taken from, where it may be the company as well and first and last name have fields of their own:
 * the `*ContactName` of Xero, the `Customer` of QuickBooks.
 */
function nameAsCompany({ cells, mapping, bySpec }: FoundHeader): Swapped | undefined {
  const part = (concept: Concept) =>
    mapping.ignored.find(({ name }) => findConcepts(name)[0]?.concept === concept)?.position;
  const company = cells.findIndex(
    (name, position) =>
      DOUBTFUL.includes(foldName(name)) && !mapping.ignored.some((each) => each.position === position),
  );
  const parts = [part('firstName'), part('lastName')];
  if (company === -1 || bySpec.has('name') || !parts.every((position) => position !== undefined))
    return undefined;
  return {
    company: fieldReference(company, cells),
    name: parts.map((position) => fieldReference(position, cells)),
  };
}

const DOUBTFUL = DOUBTFUL_COMPANIES.map(foldName);

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
