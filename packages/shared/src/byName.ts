/**
 * Objects with names from outside as keys, such as the columns of a table, which may be called `__proto__` or `constructor`. In a
 * plain `{}`, writing the first sets no key, and reading the second finds a function.
 */

/** Returns an object without a prototype, in which every name is a key like any other. */
export function byName<Value>(entries: Iterable<readonly [string, Value]> = []): Record<string, Value> {
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

/** Reads a key of an object of any origin, such as JSON; undefined if it has none of this name. */
export function ownValue<Value>(
  values: Readonly<Record<string, Value>> | null | undefined,
  name: string,
): Value | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}
