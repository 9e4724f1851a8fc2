/** Finds command line options that would load a file whose header was refused. */
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
 * Returns options, as words of a command line: a field for each column that lacks one, or a value for every row.
 * Returns undefined if a column can have neither: a key cannot have the same value twice, and only texts can be
 * invented.
 */
export function loadingOptions(target: Target, header: FoundHeader): string[] | undefined {
  const { mapping, cells } = header;
  const options: string[] = [];
  const used = new Set(header.used);
  for (const { columns, names, positions } of ambiguousIn(header)) {
    if (columns.length > 1) return undefined;
    // Fields with the same name cannot be distinguished, so use the first.
    const isSame = new Set(names).size === 1;
    const meant = isSame ? positions.slice(0, 1) : positions;
    const references = meant.map((position) => fieldReference(position, cells));
    options.push('--map', `${columns[0]}=${shownSource(references, 'first')}`);
  }
  // Find a field for each column first; each field is used only once.
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

/** Returns an unused field that may be the column, by a word in its name, and marks it as used. */
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
 * Returns options that use the company as the name, for a list of companies. Undefined if no field is a company.
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
  // A field that fills the name fills another column only if it has exactly that column's name.
  const isByName = company === undefined || foldName(company) === foldName(cells[position]!);
  return [
    ...['--map', `${column}=${writeFieldName(field)}`],
    ...(isByName ? [] : ['--map', `${company}=${writeFieldName(field)}`]),
  ];
}

/**
 * Returns options that use the company as the name if a record has no person, for a file with both. Undefined likewise.
 * @param name the fields that are joined to a name, as `--map` names them
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

/** Returns an option that gives records without a company a value, if the table's column accepts any text. */
export function companyDefault(target: Target): string[] {
  const company = target.columns.find(({ name }) => conceptOf(name) === 'company')?.name;
  return company !== undefined && takesAnyText(target, company) ? ['--default', `${company}=Unknown`] : [];
}

/** Returns the position, from 0, of the first field that is a company. */
export function companyPosition(cells: readonly string[]): number | undefined {
  const position = cells.findIndex((name) => findConcepts(name)[0]?.concept === 'company');
  return position === -1 ? undefined : position;
}

interface Swapped {
  company: string;
  name: string[];
}

/** @param guessed the field that may be the company */
function swappedNames(header: FoundHeader, guessed: string | undefined): Swapped | undefined {
  const person = namedPerson(header);
  if (guessed === undefined) return person ?? nameAsCompany(header);
  return person?.name[0] === guessed ? person : undefined;
}

/** Recognizes customers of Navision: `Name` is a company, and its contact person has a separate field. */
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
 * Finds the field that was used as name but may also be the company, if first and last name have separate fields: the
 * `*ContactName` of Xero, the `Customer` of QuickBooks.
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

/**
 * Whether a name contains a known word, such as `company` in `Which company do you work for?` and `email` in `What's
 * your e-mail?`.
 */
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

/** Whether a column accepts any text: it has no constraint that an invented value could violate, and is in no key. */
function takesAnyText({ columns, keys, checks }: Target, name: string): boolean {
  const column = columns.find((each) => each.name === name);
  const limited =
    keys.some((key) => key.columns.includes(name)) || checks.some((check) => check.columns.includes(name));
  return column?.type.name === 'text' && column.type.domain === null && !limited;
}
