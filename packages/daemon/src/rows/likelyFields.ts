/** Guesses which fields a column without one may be from, by the words in their names. A person confirms the guess. */
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
import { fieldReference } from './fieldReference.js';
import type { FoundHeader } from './headerWords.js';

/** Folded names that often, but not always, belong to a column of the concept. */
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

/** Finds fields whose names differ only in the words for first and last: `Recipient First Name`, `Recipient Last Name`. */
function partsOfName<Field extends { name: string }>(free: readonly Field[]): [Field, Field] | undefined {
  const byWords = new Map(free.map((field) => [` ${plainWords(field.name).trim()} `, field]));
  for (const [words, field] of byWords)
    for (const first of FIRST_NAMES) {
      if (!words.includes(` ${first} `)) continue;
      const names = LAST_NAMES.map((last) => words.replace(` ${first} `, ` ${last} `));
      const other = names.map((name) => byWords.get(name)).find((each) => each && each !== field);
      if (other) return [field, other];
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
