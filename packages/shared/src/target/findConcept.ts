/** Guesses what a field of a file is from its name: see concepts.ts. */
import { CONCEPT_NAMES, type Concept, OF_KINDS } from './concepts.js';
import { foldName } from './headers.js';
import { KINDS, KINDS_OF_NAMES, NUMBERED_PERSONS, OWNERS, REMARKS, ROLES } from './wordsAroundNames.js';

/** What a field's name means. */
export interface FoundConcept {
  concept: Concept;
  /** Rank among the fields of the concept: the lowest is preferred. */
  order: number;
  /** Which of several people it belongs to: `buyer` (see ROLES), ` 2` or `guest 2`; empty if the name does not say. */
  role: string;
}

/** A field of a header and what it may be. */
export interface FieldConcept extends FoundConcept {
  position: number;
}

/** Longer than any known name with words around it, in characters. */
const LONGEST = 100;

/** All names, folded, with their concept and their position in its list. */
const BY_NAME = new Map<string, Omit<FoundConcept, 'role'>>();
for (const [concept, lists] of Object.entries(CONCEPT_NAMES) as [Concept, readonly string[]][])
  for (const [order, name] of lists.flatMap((list) => list.split(', ')).entries()) {
    const key = foldName(name);
    if (!BY_NAME.has(key)) BY_NAME.set(key, { concept, order });
  }

const OWNER_WORDS = OWNERS.map((owner) => ({
  words: wordsOf(owner),
  role: ROLES.includes(owner) ? owner : '',
}));
const PERSONS = [...ROLES, ...NUMBERED_PERSONS].map((name) => foldName(name));
const REMARK_WORDS = REMARKS.map(wordsOf);
const KIND_WORDS = Object.entries(KINDS).map(([text, place]) => ({
  words: wordsOf(text),
  place,
  ofNames: KINDS_OF_NAMES.includes(text),
}));
const NAMES: readonly Concept[] = ['name', 'firstName', 'middleName', 'lastName', 'company'];

/** A name with other words around it ranks after all names without. */
const DECORATED = 1_000;
const BY_KIND = 10_000;
const BY_NUMBER = 100_000;

/**
 * Returns the concept that a column's name stands for on its own, without other words around it. If a name can be read
 * in two ways, the first is preferred.
 */
export function conceptOf(name: string): Concept | undefined {
  return BY_NAME.get(foldName(name))?.concept;
}

/** The common names of a concept, preferred ones first. */
export function conceptNames(concept: Concept): string[] {
  return CONCEPT_NAMES[concept].flatMap((list) => list.split(', '));
}

/**
 * Returns the concepts that a field of a header may be, best first: by its name, or by what is left of the name without
 * words for owner, kind and number: `Person - Email - Work`, `Phone 1 - Value`, `company (metadata)`, `Default Address
 * Company`.
 */
export function findConcepts(name: string): FoundConcept[] {
  const words = wordsOf(name);
  const numbers = words.filter((word) => /^[1-9]$/.test(word));
  const number = numbers.length === 1 ? Number(numbers[0]) - 1 : 0;
  const plain = numbers.length === 1 ? words.filter((word) => word !== numbers[0]) : words;
  const another = number > 0 && isPersonBefore(words, numbers[0]!) ? ` ${numbers[0]}` : '';
  const found: FoundConcept[] = [];
  const add = ({ rest, place, kind, role }: Undecorated) => {
    const known = BY_NAME.get(rest.join(''));
    if (!known || !mayStandAround(kind, known.concept)) return;
    if (found.some(({ concept }) => concept === known.concept)) return;
    found.push({
      concept: known.concept,
      order: known.order + place + number * BY_NUMBER,
      role: role + another,
    });
  };
  add({ rest: words, ...BARE });
  for (const each of undecorated(plain)) add(each);
  if (found.length === 0) {
    const concept = alternatives(name) ?? codeOf(name);
    if (concept !== undefined) found.push({ concept, order: DECORATED, role: '' });
  }
  return found;
}

/** `Contact 2 Email` is the address of another person; `Contact Email 2` is the second one of the same. */
function isPersonBefore(words: readonly string[], number: string): boolean {
  const before = words[words.indexOf(number) - 1];
  return before !== undefined && PERSONS.includes(before) && words.at(-1) !== number;
}

/** Returns the concept of a name that gives it twice: `Firma / Organisation`, `Company or employer`, `Email (email)`. */
function alternatives(name: string): Concept | undefined {
  const parts = name
    .slice(0, LONGEST)
    .replace(/\)\s*$/u, '')
    .split(/\s*\/\s*|\s*\(|\s+(?:or|oder|ou|o|of)\s+/iu);
  const [first, ...others] = parts.map((part) => BY_NAME.get(wordsOf(part).join(''))?.concept);
  return others.length > 0 && others.every((other) => other === first) ? first : undefined;
}

/** Returns the concept of the code before a question: LimeSurvey writes `email. What is your address?`. */
function codeOf(name: string): Concept | undefined {
  const code = /^(\p{L}+)\. \S/u.exec(name)?.[1];
  return code === undefined ? undefined : BY_NAME.get(foldName(code))?.concept;
}

/**
 * Removes the word that all names of a header start with: `customers.email` and `customers.phone` become `email` and
 * `phone`. Changes nothing if the word itself may be the name of a column: `Company Name` and `Company Phone`.
 * @param cells an empty cell has no name
 */
export function withoutSharedOwner(cells: readonly string[]): readonly string[] {
  const names = cells.filter((cell) => cell !== '').map(wordsOf);
  const owner = names[0]?.[0];
  if (names.length < FEWEST_SHARING || owner === undefined || BY_NAME.has(owner)) return cells;
  if (!names.every((words) => words.length > 1 && words[0] === owner)) return cells;
  return cells.map((cell) => wordsOf(cell).slice(1).join(' '));
}

/** Minimum number of names: fewer may start with the same word by chance. */
const FEWEST_SHARING = 3;

/** Which words for a kind were removed; `names`: only those that may stand around names. */
type Kind = 'none' | 'names' | 'values';

function mayStandAround(kind: Kind, concept: Concept): boolean {
  if (kind === 'none' || OF_KINDS.includes(concept)) return true;
  return kind === 'names' && NAMES.includes(concept);
}

interface Undecorated {
  rest: readonly string[];
  place: number;
  kind: Kind;
  role: string;
}

const BARE = { place: 0, kind: 'none', role: '' } as const;

/** Returns a name with successively more of its surrounding words removed. */
function undecorated(words: readonly string[]): Undecorated[] {
  const all: Undecorated[] = [{ rest: words, ...BARE }];
  for (const each of all) {
    if (each.rest.length < 2 || all.length > MOST) continue;
    const place = each.place + DECORATED;
    for (const owner of OWNER_WORDS)
      for (const rest of withoutFirst(each.rest, owner.words))
        all.push({ ...each, rest, place, role: owner.role || each.role });
    for (const remark of REMARK_WORDS)
      for (const rest of withoutLast(each.rest, remark)) all.push({ ...each, rest, place });
    for (const { words: around, place: rank, ofNames } of KIND_WORDS) {
      const kind = ofNames && each.kind !== 'values' ? 'names' : 'values';
      for (const rest of [...withoutFirst(each.rest, around), ...withoutLast(each.rest, around)])
        all.push({ ...each, rest, place: each.place + rank * BY_KIND, kind });
    }
  }
  return all;
}

/** Maximum number of readings of a name to try, because a header may be hostile. */
const MOST = 40;

function withoutFirst(words: readonly string[], around: readonly string[]): (readonly string[])[] {
  const { length } = around;
  return words.length > length && around.every((word, at) => words[at] === word) ? [words.slice(length)] : [];
}

function withoutLast(words: readonly string[], around: readonly string[]): (readonly string[])[] {
  const { length } = around;
  const from = words.length - length;
  return from > 0 && around.every((word, at) => words[from + at] === word) ? [words.slice(0, from)] : [];
}

/** Splits a name into folded words. `billingEmail` and `Email1` have two, `Donor's Email` too. */
function wordsOf(name: string): string[] {
  return name
    .slice(0, LONGEST)
    .replace(/(?<=\p{L})['’]s(?!\p{L})/gu, '')
    .replace(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{L})(?=\d)/gu, ' ')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .map((word) => foldName(word))
    .filter((word) => word !== '');
}
