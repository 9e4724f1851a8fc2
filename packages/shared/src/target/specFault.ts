/** Describes a fault of a spec in our own words: the schema library's messages are for people who write schemas. */
import type { z } from 'zod';
import { nearest } from '../misspelt.js';

/** Names of the JSON types for people. */
const WORDS: Partial<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** The message of a union that has no message of its own. */
const NO_WORDS = 'Invalid input';

/**
 * Returns the text that follows the place of a fault.
 * @param value the value at that place; undefined if there is none
 */
export function specFault(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.code.startsWith('invalid_')) return 'is missing';
  switch (issue.code) {
    case 'invalid_value':
      return noneOf(issue, value);
    case 'invalid_union':
      // The schema has its own message for what is allowed here.
      if (issue.message !== NO_WORDS) return `must be ${issue.message}, and is ${shown(value)}`;
      return `must be ${expected(issue).join(' or ')}, and is ${shown(value)}`;
    case 'invalid_type':
      return `must be ${expected(issue).join(' or ')}, and is ${shown(value)}`;
    case 'too_small': {
      if (issue.origin !== 'number' && issue.origin !== 'int') return 'must not be empty';
      return `must be ${Number(issue.minimum) + (issue.inclusive === false ? 1 : 0)} or more, and is ${shown(value)}`;
    }
    case 'custom':
      return issue.message;
    default:
      return `is not written as it must be: ${shown(value)}`;
  }
}

function noneOf({ values, path }: z.core.$ZodIssueInvalidValue, value: unknown): string {
  const names = values.map(String);
  // `int` is short for integer, not a typo of list.
  const longer = (word: string) => names.find((name) => word.length > 2 && name.startsWith(word));
  const near = typeof value === 'string' ? (longer(value) ?? nearest(value, names)) : undefined;
  const what = path.at(-1) === 'type' ? 'no type' : `not one of ${names.join(', ')}`;
  if (near !== undefined) return `${shown(value)} is ${what}; did you mean "${near}"?`;
  const list = path.at(-1) === 'type' ? `; the types are ${names.join(', ')}` : '';
  return `${shown(value)} is ${what}${list}`;
}

/** Returns what is allowed at that place, without duplicates. */
function expected(issue: z.core.$ZodIssue): string[] {
  switch (issue.code) {
    case 'invalid_type':
      return [WORDS[issue.expected] ?? issue.expected];
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value));
    case 'invalid_format':
      return [WORDS.string!];
    case 'invalid_union': {
      // A union member that fails further inside accepts this kind of value.
      const here = issue.errors.flatMap((each) => each.filter(({ path }) => path.length === 0));
      const inside = issue.errors.flatMap((each) => each.filter(({ path }) => path.length > 0));
      const words = here.flatMap(expected);
      const lists = inside.map(({ path }) => (typeof path[0] === 'number' ? 'a list' : 'an object'));
      return [...new Set([...words, ...lists.map((word) => `${word} of such values`)])];
    }
    default:
      return ['another value'];
  }
}

/** Writes a value, shortened to fit into a sentence. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
