/** Whether the values of a field can be those of a concept, as far as the first records show. */
import type { Concept } from '@csvjobs/shared';

/** The values of the first records, as texts; they may have fewer fields than the header. */
export type FirstRecords = readonly (readonly string[])[];

const ADDRESS = /[^\s@]@[^\s@]+\.[^\s@]/;
const DATE = /^\d{1,4}([./-])\d{1,2}\1\d{1,4}\b/;
const NUMBER_OF_PHONE = /^['’]?[+(\d][\d\s()./-]{4,}(?:\s*(?:ext|x|#)\.?\s*\d+)?$/iu;
const IP_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Whether a value can be one of a concept. Names and companies have more letters than digits. */
export function suitsConcept(concept: Concept, value: string): boolean {
  if (concept === 'email') return ADDRESS.test(value);
  if (concept === 'phone' || concept === 'mobile')
    return NUMBER_OF_PHONE.test(value) && !DATE.test(value) && !IP_ADDRESS.test(value);
  const isText =
    concept === 'name' || concept === 'company' || concept === 'firstName' || concept === 'lastName';
  if (!isText) return true;
  const letters = value.match(/\p{L}/gu)?.length ?? 0;
  const digits = value.match(/\p{N}/gu)?.length ?? 0;
  return letters > digits && !ADDRESS.test(value);
}

/** Returns the values that a field has in the first records, without blanks and without empty ones. */
export function valuesOf(position: number, records: FirstRecords): string[] {
  return records.map((record) => record[position]?.trim() ?? '').filter((value) => value !== '');
}

/** Whether nothing speaks against a field being of a concept: it has no values, or most of them suit. */
export function mayBe(concept: Concept, position: number, records: FirstRecords): boolean {
  const values = valuesOf(position, records);
  return values.length === 0 || isShownBy(concept, values);
}

/** Whether at least half of some values suit a concept. */
export function isShownBy(concept: Concept, values: readonly string[]): boolean {
  return (
    values.length > 0 && values.filter((value) => suitsConcept(concept, value)).length * 2 >= values.length
  );
}
