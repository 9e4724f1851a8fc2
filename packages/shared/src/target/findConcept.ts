/** What a field of a file probably is, by its name: see concepts.ts. */
import { CONCEPT_NAMES, type Concept, KINDS, OF_KINDS, OWNERS } from './concepts.js';
import { foldName } from './headers.js';

/** A name of a field, read. */
export interface FoundConcept {
  concept: Concept;
  /** Where it comes among the fields of the concept: the least is preferred. */
  order: number;
}

/** No name that is known is as long, with words around it. Characters. */
const LONGEST = 100;

/** All names, folded, with the concept and the place in its list. */
const BY_NAME = new Map<string, FoundConcept>();
for (const [concept, lists] of Object.entries(CONCEPT_NAMES) as [Concept, readonly string[]][])
  for (const [order, name] of lists.flatMap((list) => list.split(', ')).entries()) {
    const key = foldName(name);
    if (!BY_NAME.has(key)) BY_NAME.set(key, { concept, order });
  }

const OWNER_WORDS = OWNERS.map(wordsOf);
const KIND_WORDS = new Map(Object.entries(KINDS).map(([word, place]) => [foldName(word), place]));

/** A name with other words around it comes behind all names without. */
const DECORATED = 1_000;
const BY_KIND = 10_000;
const BY_NUMBER = 100_000;

/**
 * The concept that a name of a column says itself, without other words around it. One name may be read in two ways; the
 * first is preferred.
 */
export function conceptOf(name: string): Concept | undefined {
  return BY_NAME.get(foldName(name))?.concept;
}

/** The usual names of a concept, preferred ones first. */
export function conceptNames(concept: Concept): string[] {
  return CONCEPT_NAMES[concept].flatMap((list) => list.split(', '));
}

/**
 * The concepts that a field of a header may be, best first: by its name, or by what remains of it without the words that say
 * whose, which and how many: `Person - Email - Work`, `Phone 1 - Value`, `company (metadata)`, `Default Address Company`.
 */
export function findConcepts(name: string): FoundConcept[] {
  const words = wordsOf(name);
  const numbers = words.filter((word) => /^[1-9]$/.test(word));
  const number = numbers.length === 1 ? Number(numbers[0]) - 1 : 0;
  const plain = numbers.length === 1 ? words.filter((word) => word !== numbers[0]) : words;
  const found: FoundConcept[] = [];
  const add = (rest: readonly string[], place: number, kind: boolean) => {
    const known = BY_NAME.get(rest.join(''));
    if (!known || (kind && !OF_KINDS.includes(known.concept))) return;
    if (found.some(({ concept }) => concept === known.concept)) return;
    found.push({ concept: known.concept, order: known.order + place + number * BY_NUMBER });
  };
  add(words, 0, false);
  for (const { rest, place, kind } of undecorated(plain)) add(rest, place, kind);
  return found;
}

interface Undecorated {
  rest: readonly string[];
  place: number;
  /** A word was taken away that says which of several it is. */
  kind: boolean;
}

/** A name without more and more of the words around it. */
function undecorated(words: readonly string[]): Undecorated[] {
  const all: Undecorated[] = [{ rest: words, place: 0, kind: false }];
  for (const each of all) {
    if (each.rest.length < 2 || all.length > MOST) continue;
    for (const owner of OWNER_WORDS)
      for (const rest of without(each.rest, owner))
        all.push({ ...each, rest, place: each.place + DECORATED });
    for (const [word, kind] of KIND_WORDS)
      for (const rest of without(each.rest, [word]))
        all.push({ rest, place: each.place + kind * BY_KIND, kind: true });
  }
  return all;
}

/** A header may be hostile: so many readings of a name are tried. */
const MOST = 40;

function* without(words: readonly string[], around: readonly string[]): Generator<readonly string[]> {
  const { length } = around;
  if (words.length <= length) return;
  if (around.every((word, at) => words[at] === word)) yield words.slice(length);
  if (around.every((word, at) => words[words.length - length + at] === word)) yield words.slice(0, -length);
}

function wordsOf(name: string): string[] {
  return name
    .slice(0, LONGEST)
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .map((word) => foldName(word))
    .filter((word) => word !== '');
}
