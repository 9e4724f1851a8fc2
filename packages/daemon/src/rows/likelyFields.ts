/** Guesses the fields of a column that has none, by the words in their names: for a person, who is shown the guess. */
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
} from '@csvjobs/shared';
import { fieldReference } from './columnSources.js';
import type { FoundHeader } from './headerWords.js';

/** Names that may be a column's, or something else, folded. */
const DOUBTFUL_NAMES: Partial<Record<Concept, readonly string[]>> = {
  company: DOUBTFUL_COMPANIES.map(foldName),
  email: DOUBTFUL_EMAILS.map(foldName),
  name: CONTACT_PERSONS.map(foldName),
};

/**
 * Returns unused fields that may be the column by a word in their names, and marks them as used: one field, or the two
 * with the parts of a person's name.
 */
export function likelyFields(
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
