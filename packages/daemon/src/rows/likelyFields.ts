/**
 * Guesses which fields a column without one may be from, by the words in their names and by their first values. A
 * person confirms the guess.
 */
import type { Concept } from '@csvjobs/shared';
import {
  BARE_PHONES,
  CONTACT_PERSONS,
  conceptNames,
  conceptOf,
  DOUBTFUL_COMPANIES,
  DOUBTFUL_EMAILS,
  findConcepts,
  foldName,
  HALF_NAMES,
} from '@csvjobs/shared/reading';
import { fieldReference } from './fieldReference.js';
import type { FoundHeader } from './headerWords.js';
import { type FirstRecords, isShownBy, mayBe, valuesOf } from './suitingValues.js';

/** Folded names that often, but not always, belong to a column of the concept. */
const DOUBTFUL_NAMES: Partial<Record<Concept, readonly string[]>> = {
  company: DOUBTFUL_COMPANIES.map(foldName),
  email: DOUBTFUL_EMAILS.map(foldName),
  name: CONTACT_PERSONS.map(foldName),
};

/**
 * Returns unused fields that may be the column by a word in their names or by their values, and marks them as used: one
 * field, or the two with the parts of a person's name.
 */
export function likelyFields(
  column: string,
  cells: readonly string[],
  { mapping }: FoundHeader,
  used: Set<number>,
  records: FirstRecords,
): string[] | undefined {
  const concept = conceptOf(column);
  const free = mapping.ignored.filter(
    ({ position, name }) =>
      name !== '' && !used.has(position) && (concept === undefined || mayBe(concept, position, records)),
  );
  const parts: readonly Concept[] = concept === 'name' ? ['firstName', 'lastName'] : [];
  const byName = concept === undefined ? [] : (DOUBTFUL_NAMES[concept] ?? []);
  const words =
    concept === undefined ? [] : asWords(conceptNames(concept).filter((name) => !VAGUE.includes(name)));
  const single = () =>
    free.find(({ name }) => findConcepts(name).some((each) => parts.includes(each.concept))) ??
    byName
      .map((name) => free.find((each) => foldName(each.name) === name))
      .find((each) => each !== undefined) ??
    free.filter(({ name }) => hasWordOf(name, words)).sort((a, b) => a.name.length - b.name.length)[0] ??
    free.find(({ suggestion }) => suggestion === column) ??
    free.find(({ position }) => concept === 'email' && isShownBy(concept, valuesOf(position, records)));
  // A table with a last name only: the whole name is more than none.
  const whole = () =>
    concept === 'lastName'
      ? free.find(({ name }) => findConcepts(name).some((each) => each.concept === 'name'))
      : undefined;
  // Whatever its values: the message asks whether the column was meant, and an invented value must not be the answer.
  const asked = () =>
    mapping.ignored.find(({ position, suggestion }) => suggestion === column && !used.has(position));
  const found =
    (concept === 'name' && partsOfName(free)) ||
    [single() ?? whole() ?? asked()].filter((each) => each !== undefined);
  if (found.length === 0) return undefined;
  for (const { position } of found) used.add(position);
  return found.map(({ position }) => fieldReference(position, cells));
}

/**
 * Returns an unused field that has phone numbers: one whose name says so, otherwise one that has nothing but
 * international numbers.
 */
export function likelyPhone(
  cells: readonly string[],
  free: readonly number[],
  records: FirstRecords,
): number | undefined {
  const phones = free.filter((position) => isShownBy('phone', valuesOf(position, records)));
  return (
    phones.find((position) => isPhoneName(cells[position]!)) ??
    phones.find((position) => valuesOf(position, records).every((value) => value.startsWith('+')))
  );
}

/** Whether a name has a word for phones in it, and none for faxes. */
export function isPhoneName(name: string): boolean {
  if (/fax|faks|t[ée]l[ée]copie|ファ/iu.test(name)) return false;
  return hasWordOf(name.replace(/\d+/g, ' '), PHONES) || BARE.includes(foldName(name));
}

/** Whether a name has a word for e-mails in it. */
export function isEmailName(name: string): boolean {
  return hasWordOf(name, EMAILS) || DOUBTFUL_NAMES.email!.includes(foldName(name));
}

/** `Fone` is Portuguese, and the most common misspelling in English; SAP has `TELF1`. */
const PHONES = asWords([...conceptNames('phone'), ...conceptNames('mobile'), 'fone', 'telf']);
const EMAILS = asWords(conceptNames('email'));
const BARE = BARE_PHONES.map(foldName);

/** Names of concepts that are also words of other names: `Last modified`, `First contact`. */
const VAGUE = ['first', 'last', 'ad'];

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
  return known.some((each) => words.includes(each));
}

/** Prepares known names for `hasWordOf`: a header may have thousands of fields to compare. */
function asWords(known: readonly string[]): string[] {
  return known.map((each) => ` ${plainWords(each)} `);
}

function plainWords(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/e[-‐ ]mail/gu, 'email')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ');
}
