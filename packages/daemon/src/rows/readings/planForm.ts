/**
 * Plans the form of a field's texts from its Table Schema. There is no form if the column's own rule already demands
 * it.
 */
import type { SpecField } from '@csvjobs/shared';
import { type Form, PLAIN_TYPES, type PlainType } from '../reading.js';
import type { SpecColumn } from '../specColumns.js';
import { readDateTimeFormat } from './dateTimeFormat.js';
import { type ColumnKind, columnKind, holds, keepsPointInTime } from './fits.js';

/** Receives sentences about a field: contradictions with the table, and notices. */
export interface Remarks {
  fault(sentence: string): void;
  notice(sentence: string): void;
}

const DATES: readonly ColumnKind[] = ['date', 'time', 'timestamp', 'timestamptz'];
/** Formats of Table Schema v2 that are not patterns: dates are read as ISO 8601, without guessing. */
const NO_PATTERN = new Set([undefined, 'default', 'any']);
/** Table Schema v2, "boolean". */
const TRUE_WORDS = ['true', 'True', 'TRUE', '1'];
const FALSE_WORDS = ['false', 'False', 'FALSE', '0'];

export function planForm(each: SpecColumn, remarks: Remarks): Form | undefined {
  return inTimeZone(each, fieldForm(each, remarks));
}

function fieldForm({ column, field, timeZone }: SpecColumn, remarks: Remarks): Form | undefined {
  if (!field) return undefined;
  const kind = columnKind(column.type);
  const { type } = field;
  if (!holds(kind, type)) {
    remarks.fault(`a ${type} cannot be stored in ${column.name}, which is ${column.type.sql}`);
    return undefined;
  }
  const ways = [words(column.type.labels, kind, field, remarks), marks(kind, field, remarks)];
  ways.push(pattern(kind, field, timeZone, remarks), list(column.type, field, remarks));
  const forms = ways.filter((form) => form !== undefined);
  if (forms.length > 1)
    remarks.fault('categories, boolean words, number marks and formats exclude each other');
  return forms[0] ?? plain(kind, field);
}

/** Returns the form for booleans and categories written as words. */
function words(
  labels: readonly string[] | null,
  kind: ColumnKind,
  { type, trueValues, falseValues, categories }: SpecField,
  { fault }: Remarks,
): Form | undefined {
  const entries: [word: string, text: string][] = [];
  if (trueValues || falseValues) {
    if (kind !== 'boolean' && type !== 'boolean') fault('trueValues and falseValues are for booleans');
    for (const word of trueValues ?? TRUE_WORDS) entries.push([word, 'true']);
    for (const word of falseValues ?? FALSE_WORDS) entries.push([word, 'false']);
  }
  if (categories) {
    const pairs = categories.map((each) =>
      typeof each === 'object'
        ? { value: String(each.value), label: each.label }
        : { value: String(each), label: String(each) },
    );
    // An enum column that has the labels stores the labels; any other column stores the values.
    const byLabel =
      labels !== null &&
      !pairs.every(({ value }) => labels.includes(value)) &&
      pairs.every(({ label }) => labels.includes(label));
    const stored = ({ value, label }: (typeof pairs)[number]) => (byLabel ? label : value);
    const strange = pairs.map(stored).filter((text) => labels !== null && !labels.includes(text));
    if (strange.length > 0) fault(`the column has no label ${strange.join(', ')}`);
    for (const pair of pairs) entries.push([pair.value, stored(pair)]);
    for (const pair of pairs) if (pair.label !== pair.value) entries.push([pair.label, stored(pair)]);
  }
  if (entries.length === 0) return undefined;
  const texts = new Map<string, string>();
  for (const [word, text] of entries) {
    if ((texts.get(word) ?? text) !== text) fault(`"${word}" stands for two values`);
    texts.set(word, text);
  }
  return { kind: 'words', words: [...texts], ...(!categories && { booleans: true as const }) };
}

function marks(
  kind: ColumnKind,
  { type, decimalChar, groupChar, bareNumber }: SpecField,
  { fault }: Remarks,
): Form | undefined {
  if (decimalChar === undefined && groupChar === undefined && bareNumber !== false) return undefined;
  const isNumber = type === 'number' || type === 'integer';
  if (!isNumber && !(type === 'any' && (kind === 'integer' || kind === 'number')))
    fault('decimalChar, groupChar and bareNumber are for numbers');
  const decimal = decimalChar ?? '.';
  if (decimal === groupChar) fault(`"${decimal}" cannot be both decimalChar and groupChar`);
  for (const mark of [decimal, groupChar])
    if (mark !== undefined && /[\d+\-eE"\r\n]/.test(mark)) fault(`"${mark}" cannot be a mark in a number`);
  return { kind: 'number', decimal, group: groupChar, bare: bareNumber !== false };
}

const PATTERNED: readonly SpecField['type'][] = ['any', 'date', 'time', 'datetime'];

function pattern(
  kind: ColumnKind,
  { type, format }: SpecField,
  timeZone: string | undefined,
  { fault, notice }: Remarks,
): Form | undefined {
  if (format === undefined || NO_PATTERN.has(format)) return undefined;
  if (!PATTERNED.includes(type)) {
    if (type === 'string' && format === 'email') return { kind: 'plain', type: 'email' };
    if (type === 'string')
      notice(`the format "${format}" of a string is not checked; use constraints.pattern`);
    else fault(`a ${type} has no format "${format}"`);
    return undefined;
  }
  const isDate = DATES.includes(kind) || type !== 'any';
  const read = readDateTimeFormat(format);
  if (!isDate) fault(`the format "${format}" is for dates and times; declare the type of the field`);
  else if (typeof read === 'string') fault(`the format "${format}": ${read}`);
  else {
    if (kind === 'time' && read.hasDate)
      fault(`the column keeps a time alone, the format "${format}" has a date`);
    if (kind !== 'time' && DATES.includes(kind) && !read.hasDate)
      fault(`the column keeps a date, the format "${format}" has none`);
    if (kind === 'timestamptz' && read.zone === undefined && timeZone === undefined)
      fault(
        `the column keeps a time zone, the format "${format}" names none; add %z, or declare the zone: --time-zone Europe/Berlin (csvjobs.timeZone)`,
      );
    if ((kind === 'timestamp' || kind === 'date' || kind === 'time') && read.zone === 'read')
      fault(`the column keeps no time zone, the format "${format}" names one`);
    if (read.twoDigitYears) notice('years of two digits are read as 1969 to 2068');
    return { kind: 'dateTime', format, zone: kind === 'timestamptz' || kind === 'text' };
  }
  return undefined;
}

function list(
  { kind, element, system, typmod, item }: SpecColumn['column']['type'],
  { type, delimiter }: SpecField,
  { fault }: Remarks,
): Form | undefined {
  if (type !== 'list') {
    if (delimiter !== undefined) fault('a delimiter is for lists; declare the type list');
    return undefined;
  }
  if (kind !== 'array') return undefined;
  return {
    kind: 'list',
    delimiter: delimiter ?? ',',
    item: element ?? '',
    system,
    typmod,
    ...(item?.labels && { labels: item.labels }),
  };
}

/** Adds the zone that the spec declares, if the column stores points in time. */
function inTimeZone({ column, timeZone }: SpecColumn, form: Form | undefined): Form | undefined {
  if (timeZone === undefined || !keepsPointInTime(column.type)) return form;
  const of = column.type.kind === 'base' ? 'value' : 'items';
  // The rule of the array judges the items of a list, after the zone is added.
  const inner = form?.kind === 'list' ? { ...form, system: false } : form;
  return { kind: 'localTime', timeZone, of, form: inner };
}

/** The types of Table Schema that a column's own rule already checks. */
const OWN: Partial<Record<ColumnKind, readonly SpecField['type'][]>> = {
  integer: ['integer', 'number'],
  number: ['number'],
  boolean: ['boolean'],
  date: ['date', 'datetime'],
  time: ['time'],
  timestamp: ['date', 'datetime'],
  timestamptz: ['datetime'],
};

function plain(kind: ColumnKind, { type }: SpecField): Form | undefined {
  const isPlain = (PLAIN_TYPES as readonly string[]).includes(type);
  if (!isPlain || kind === 'other' || kind === 'interval' || OWN[kind]?.includes(type)) return undefined;
  return { kind: 'plain', type: type as PlainType };
}
