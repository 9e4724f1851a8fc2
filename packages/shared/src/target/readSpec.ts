/**
 * Validates a spec from outside. Names every mistake with its place, and for an unknown property the nearest known one.
 */
import { z } from 'zod';
import { nearest } from '../misspelt.js';
import { documentPath } from '../recordOf.js';
import { type Spec, specSchema } from './spec.js';
import { specFault } from './specFault.js';

/** The faults of a spec, one sentence each: `schema.fields[2].typ: unknown property, did you mean "type"?` */
export class SpecInvalid extends Error {
  override readonly name = 'SpecInvalid';
  constructor(readonly faults: readonly string[]) {
    super(faults.join('; '));
  }
}

/**
 * Checks a spec that was read from JSON or YAML.
 * @throws {SpecInvalid} with all its faults
 */
export function readSpec(document: unknown): Spec {
  const result = specSchema.safeParse(document);
  const strays = [...(isRecord(document) ? strayProperties(document) : []), ...unusable(document, [])];
  if (result.success && strays.length === 0) return result.data;
  const faults = result.success ? [] : result.error.issues.flatMap((issue) => describe(issue, document));
  throw new SpecInvalid([...faults, ...strays]);
}

function describe(issue: z.core.$ZodIssue, document: unknown): string[] {
  const path = documentPath(issue.path);
  const place = placeOf(path);
  if (issue.code !== 'unrecognized_keys')
    return [`${place === '' ? 'the spec' : place}: ${specFault(issue, valueAt(document, path))}`];
  return issue.keys.map((key) => `${place}.${key}: unknown property${hint(key, propertiesAt(issue.path))}`);
}

/** A resource may have any property at the top level, so only typos of those that csvjobs reads are faults. */
function strayProperties(document: Record<string, unknown>): string[] {
  const known = Object.keys(specSchema.shape);
  return Object.keys(document).flatMap((key) => {
    if (known.includes(key) || RESOURCE_PROPERTIES.has(key)) return [];
    const near = hint(key, known);
    return near === '' ? [] : [`${key}: unknown property${near}`];
  });
}

/** The job keeps its spec in PostgreSQL, which stores neither NUL nor half of a surrogate pair. */
const UNSTORABLE = /\0|\p{Cs}/u;

function unusable(value: unknown, path: readonly PropertyKey[]): string[] {
  if (typeof value === 'string')
    return UNSTORABLE.test(value)
      ? [`${placeOf(path)}: has a character that cannot be stored (NUL, or half of a pair)`]
      : [];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each, at) => unusable(each, [...path, at]));
  return Object.entries(value).flatMap(([key, each]) =>
    UNSTORABLE.test(key)
      ? [`${placeOf(path)}: a name has a character that cannot be stored (NUL, or half of a pair)`]
      : unusable(each, [...path, key]),
  );
}

/** Data Package v2, "Data Resource": properties that do not affect how to load the file. */
const RESOURCE_PROPERTIES = new Set(
  'path data type title description format mediatype bytes hash sources licenses homepage profile'.split(' '),
);

function hint(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined ? '' : `, did you mean "${near}"?`;
}

/** The properties that an object at a path of the spec may have. */
function propertiesAt(path: readonly PropertyKey[]): string[] {
  let schema: z.core.$ZodType = specSchema;
  for (const step of path) {
    schema = unwrapped(schema);
    if (schema instanceof z.ZodObject) schema = schema.shape[step as string] as z.core.$ZodType;
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
    else return [];
  }
  const last = unwrapped(schema);
  return last instanceof z.ZodObject ? Object.keys(last.shape) : [];
}

/** Returns the value at a path of the document, or undefined if there is none. */
function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | null)?.[step], document);
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrapped(schema.unwrap());
  // recordOf.ts
  return schema instanceof z.ZodPipe ? unwrapped(schema.out) : schema;
}

function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
