/** `z.record` with names from outside as keys: zod leaves out a key `__proto__`. */
import { z } from 'zod';
import { byName } from './byName.js';

const LEFT_OUT = '__proto__';

/** Stands for it while zod reads an object. No name of a column has a NUL. */
const STAND_IN = '__proto__\0';

export function recordOf<Value extends z.ZodType>(values: Value): z.ZodRecord<z.ZodString, Value> {
  const record = z.record(z.string(), values).overwrite((read) => renamed(read, STAND_IN, LEFT_OUT));
  // Both have the methods of every schema, and the same input and output.
  return z.preprocess((input) => renamed(input, LEFT_OUT, STAND_IN), record) as unknown as z.ZodRecord<
    z.ZodString,
    Value
  >;
}

function renamed<Given>(given: Given, from: string, to: string): Given {
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, from)) return given;
  const entries = Object.entries(given).map(([name, value]) => [name === from ? to : name, value] as const);
  return byName(entries) as Given;
}

/** Returns the path of a fault as the document has it. */
export function documentPath(path: readonly PropertyKey[]): PropertyKey[] {
  return path.map((step) => (step === STAND_IN ? LEFT_OUT : step));
}
