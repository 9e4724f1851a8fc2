/**
 * Rules for types that PostgreSQL itself reads, but too leniently for a file: it would silently truncate, round or
 * guess. These rules check the text first; PostgreSQL reads the texts that pass.
 */
import type { TargetType } from '@csvjobs/shared';
import { itemRuleOf } from '../typeRules.js';
import { arrayRule } from './array.js';
import { compositeRule } from './composite.js';
import { dateRule, timestampRule } from './dateTime.js';
import { enumRule } from './enumeration.js';
import { inside } from './inside.js';
import { bigintRule, integerRule } from './integer.js';
import { faultOfInterval } from './intervalFields.js';
import { literalItems } from './literalItems.js';
import { numericRule } from './numeric.js';
import { DOUBT, type Fault, type TypeRule } from './typeRule.js';

/** NAMEDATALEN - 1 (PostgreSQL manual, section 4.1.1). */
const NAME_BYTES = 63;
/** Number of decimals of a second that PostgreSQL stores (manual, table 8.9). */
const SECOND_DIGITS = 6;
const TIME_WITH_ZONE = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)$/i;

const LOOKS: Record<string, (value: string, typmod: number) => Fault | undefined> = {
  money: (value) => unless(/^-?\d+(\.\d{1,2})?$/.test(value), { code: 'not_a_number', params: { value } }),
  char: (value) => tooLong(value, 1),
  name: (value) => tooLong(value, NAME_BYTES),
  oid: digitsAlone,
  xid: digitsAlone,
  xid8: digitsAlone,
  cid: digitsAlone,
  timetz: (value, typmod) =>
    unless(TIME_WITH_ZONE.test(value), { code: 'not_a_time', params: { value, zone: true } }) ??
    tooManyDecimals(value, /\.(\d+)/g, typmod < 0 ? SECOND_DIGITS : typmod),
  interval: (value, typmod) =>
    tooManyDecimals(value, SECONDS, Math.min(SECOND_DIGITS, typmod & 0xffff)) ??
    faultOfInterval(value, typmod),
};

/** Decimals of seconds: of `01:02:03.5`, of the unit `s` or `sec`, or of a number without a unit. */
const SECONDS = /\.(\d+)(?=\s*(?:s[a-z]*\b|ago\b|$))/gi;

/** The items of the ranges and multiranges that PostgreSQL has (manual, section 8.17.1). */
const RANGES: Record<string, TypeRule> = {
  int4: integerRule(4),
  int8: bigintRule,
  num: numericRule(-1),
  date: dateRule,
  ts: timestampRule(-1, false),
  tstz: timestampRule(-1, true),
};

/** Returns the check for a type that has no rule of its own; undefined if PostgreSQL alone may decide. */
export function carefulRule(type: TargetType): TypeRule | undefined {
  const { kind, name, system, element, typmod, attributes, item } = type;
  if (attributes) return compositeRule(attributes.map(partRule));
  if (kind !== 'array') return system ? carefulItem(name, typmod) : undefined;
  // An array of a type with a rule has one itself, unless its items are of a domain.
  const rule = item ? itemRule(item) : system ? carefulItem(element ?? '', typmod) : undefined;
  return rule && arrayRule(rule);
}

function itemRule({ attributes, labels, ...item }: NonNullable<TargetType['item']>): TypeRule | undefined {
  if (labels) return enumRule(labels);
  return attributes ? compositeRule(attributes.map(partRule)) : partRule(item);
}

/** The rule of a type within another one. Times without an offset within a value are read as UTC; a notice says so. */
function partRule({ name, system, typmod }: PartType): TypeRule | undefined {
  if (!system || name === 'timestamptz') return undefined;
  return itemRuleOf(name, typmod) ?? carefulItem(name, typmod);
}

type PartType = NonNullable<TargetType['attributes']>[number];

function carefulItem(name: string, typmod: number): TypeRule | undefined {
  const look = LOOKS[name];
  const bound = RANGES[/^(\w+?)(?:multi)?range$/.exec(name)?.[1] ?? ''];
  const judge = look ? (value: string) => look(value, typmod) : bound && judgeBounds(bound);
  return judge && { trims: name !== 'name' && name !== 'char', write: () => DOUBT, judge };
}

/** Judges each bound like a single value. Malformed literals are left to PostgreSQL, and bounds that are infinite. */
function judgeBounds(bound: TypeRule): (value: string) => Fault | undefined {
  return (value) => {
    if (!/^\s*[[({].*[\])}]\s*$/s.test(value)) return undefined;
    return literalItems(value)
      .filter((item) => item !== '' && !/^(?:empty|[+-]?inf(?:inity)?)$/i.test(item))
      .map((item) => inside(bound.judge(item)))
      .find((fault) => fault !== undefined);
  };
}

/** Others PostgreSQL reads too: -1 as 4294967295. */
function digitsAlone(value: string): Fault | undefined {
  return unless(/^\d+$/.test(value), { code: 'not_an_integer', params: { value } });
}

/** @param decimals finds decimals of seconds */
function tooManyDecimals(value: string, decimals: RegExp, scale: number): Fault | undefined {
  const found = [...value.matchAll(decimals)].map(([, digits = '']) => digits.slice(scale));
  return unless(!found.some((rest) => /[1-9]/.test(rest)), {
    code: 'too_many_decimals',
    params: { value, scale },
  });
}

function unless(holds: boolean, fault: Fault): Fault | undefined {
  return holds ? undefined : fault;
}

/** Checks the length in bytes, which these types count. */
function tooLong(value: string, max: number): Fault | undefined {
  const length = Buffer.byteLength(value);
  return unless(length <= max, { code: 'too_long', params: { length, max, unit: 'byte' } });
}
