/** Files in which a company stands where a person's name is expected: the options that say so. */
import type { Concept, Target } from '@csvjobs/shared';
import {
  CONTACT_PERSONS,
  conceptOf,
  DOUBTFUL_COMPANIES,
  findConcepts,
  foldName,
  numberedNames,
  PLAIN_NAMES,
  shownAlternatives,
  writeFieldName,
} from '@csvjobs/shared/reading';
import { fieldReference } from './fieldReference.js';
import type { FoundHeader } from './headerWords.js';

const DOUBTFUL = DOUBTFUL_COMPANIES.map(foldName);
const PERSONS = CONTACT_PERSONS.map(foldName);
const PLAIN = PLAIN_NAMES.map(foldName);

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

/** Returns the position, from 0, of the first field that is a company. */
export function companyPosition(cells: readonly string[]): number | undefined {
  const position = cells.findIndex((name) => findConcepts(name)[0]?.concept === 'company');
  return position === -1 ? undefined : position;
}

interface Swapped {
  company: string;
  name: string[];
}

/**
 * Returns the options for fields that are a company in some records and a part of a person's name in others: `Co./Last
 * Name` of MYOB, and the `Name 1` and `Name 2` of Bexio and SAP. In files with birthdays, `Name 1` is the last name.
 */
export function sharedNames({ cells, bySpec }: FoundHeader): Swapped | undefined {
  if (bySpec.has('name')) return undefined;
  const firstOf = (concept: Concept) => cells.findIndex((name) => findConcepts(name)[0]?.concept === concept);
  const numbered = numberedNames(cells);
  const last = cells.findIndex((name) => foldName(name) === COMPANY_OR_LAST_NAME);
  const parts = last === -1 ? numbered : [firstOf('firstName'), last];
  if (parts.length === 0 || parts.includes(-1)) return undefined;
  const company = fieldReference(last === -1 ? numbered[0]! : last, cells);
  const name = parts.map((position) => fieldReference(position, cells));
  const isPeople = last === -1 && firstOf('birthday') !== -1;
  return { company, name: isPeople ? name.reverse() : name };
}

const COMPANY_OR_LAST_NAME = foldName('Co./Last Name');

/**
 * Returns the company, and the fields of the person's name, if the column for names was found to be the company.
 * @param guessed the field that may be the company
 */
export function swappedNames(header: FoundHeader, guessed: string | undefined): Swapped | undefined {
  const person = namedPerson(header);
  if (guessed === undefined) return person ?? nameAsCompany(header);
  return person?.name[0] === guessed ? person : undefined;
}

/** Recognizes customers of Navision: `Name` is a company, and its contact person has a separate field. */
function namedPerson({ cells, mapping, bySpec }: FoundHeader): Swapped | undefined {
  const company = usedField(cells, mapping, PLAIN);
  const person = mapping.ignored.find(({ name }) => isContactPerson(name));
  if (company === undefined || !person || bySpec.has('name')) return undefined;
  return { company: fieldReference(company, cells), name: [fieldReference(person.position, cells)] };
}

/** `Contactpersoon`, and `Contactpersoon: Volledige naam`. */
function isContactPerson(name: string): boolean {
  const folded = foldName(name);
  return PERSONS.some(
    (person) =>
      folded.startsWith(person) && (folded === person || conceptOf(folded.slice(person.length)) === 'name'),
  );
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

/**
 * Finds the field that was used as name but may also be the company, if first and last name have separate fields: the
 * `*ContactName` of Xero, the `Customer` of QuickBooks.
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
