/** Keeps the people in a record apart: an event's buyers and attendees, each with a name and an address. */
import type { Concept } from './concepts.js';
import type { FieldConcept } from './findConcept.js';

/**
 * Leaves out the fields of other people, if they have an address or a name of their own. The columns take the values of
 * one: whose address a column already has, otherwise the first who also has a name.
 * @param email the position of the field that was already found for the e-mail
 */
export function ofOnePerson(
  fields: readonly FieldConcept[],
  email: number | undefined,
): readonly FieldConcept[] {
  const addresses = fields.filter(({ concept }) => concept === 'email');
  const roles = [...new Set(addresses.map(({ role }) => role))].sort(
    (a, b) => Number(a !== '') - Number(b !== ''),
  );
  const has = (role: string, concept: Concept) =>
    fields.some((each) => each.role === role && each.concept === concept);
  const hasName = (role: string) => has(role, 'name') || (has(role, 'firstName') && has(role, 'lastName'));
  // Without names, a second address is the same person's.
  if (roles.length === 2 && roles[0] === '' && !roles.some(hasName)) return fields;
  const settled = addresses.find(({ position }) => position === email)?.role;
  const chosen = settled ?? roles.find(hasName) ?? roles[0] ?? '';
  const isOther = ({ role, concept }: FieldConcept) =>
    roles.includes(role) || NUMBERED.test(role) || (chosen !== '' && role !== '' && NAMES.includes(concept));
  return fields.filter((field) => field.role === chosen || !isOther(field));
}

/** A second, third, … person. */
const NUMBERED = / \d$/;

const NAMES: readonly Concept[] = ['name', 'firstName', 'middleName', 'lastName'];
