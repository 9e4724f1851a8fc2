/**
 * Rules for types that PostgreSQL itself reads, but too leniently for a file: it would silently truncate, round or
 * guess. These rules check the text first; PostgreSQL reads the texts that pass.
 */
import type { PartType, TargetType } from '@csvjobs/shared';
import { itemRuleOf } from '../typeRules.js';
import { arrayRule } from './array.js';
import { compositeRule } from './composite.js';
import { dateRule, timestampRule } from './dateTime.js';
import { enumRule } from './enumeration.js';
import { geometryRule, pointRule } from './geometry.js';
import { bigintRule, integerRule } from './integer.js';
import { intervalRule } from './interval.js';
import { numericRule } from './numeric.js';
import { rangeRule } from './range.js';
import type { BoundKind } from './rangeBinary.js';
import { SECOND_DIGITS, tooManyDecimals } from './secondDecimals.js';
import { textRule } from './text.js';
import { DOUBT, type Fault, type TypeRule } from './typeRule.js';

/** NAMEDATALEN - 1 (PostgreSQL manual, section 4.1.1). */
const NAME_BYTES = 63;
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
};

const GEOMETRY = new Set(['line', 'lseg', 'box', 'path', 'polygon', 'circle']);

/** The bounds of the ranges and multiranges that PostgreSQL has (manual, section 8.17.1), and how they are compared. */
const RANGES: Record<string, readonly [bound: TypeRule, kind: BoundKind]> = {
  int4: [integerRule(4), 'int4'],
  int8: [bigintRule, 'int8'],
  num: [numericRule(-1), 'text'],
  date: [dateRule, 'int4'],
  ts: [timestampRule(-1, false), 'int8'],
  tstz: [timestampRule(-1, true), 'int8'],
};

/** Its binary format is that of text (citextrecv). Its equality is not, so it is no text elsewhere. */
const CITEXT: TypeRule = { ...textRule, writesUsual: true };

/** Returns the check for a type that has no rule of its own; undefined if PostgreSQL alone may decide. */
export function carefulRule(type: TargetType): TypeRule | undefined {
  const { kind, name, system, element, typmod, item } = type;
  if (type.extension === 'citext' && name === 'citext' && kind === 'base') return CITEXT;
  if (type.attributes || type.bound) return nestedRule(type);
  if (kind !== 'array') return system ? carefulItem(name, typmod) : undefined;
  // Between boxes there are semicolons.
  if (system && element === 'box') return geometryRule;
  // An array of a type with a rule has one itself, unless its items are of a domain.
  const rule = item ? partRule(item) : system ? carefulItem(element ?? '', typmod) : undefined;
  return rule && arrayRule(rule);
}

/** The rule of a type that consists of others; undefined if none of them has a rule, or it is no such type. */
function nestedRule({
  attributes,
  item,
  bound,
}: Pick<PartType, 'attributes' | 'item' | 'bound'>): TypeRule | undefined {
  if (attributes) return compositeRule(attributes.map(partRule));
  const rule = bound ? partRule(bound) : item && partRule(item);
  return rule && (bound ? rangeRule(rule) : arrayRule(rule));
}

/** The rule of a type within another one. */
function partRule(part: PartType): TypeRule | undefined {
  const { name, labels, system, typmod, item } = part;
  if (labels) return enumRule(labels);
  if (item?.system && item.name === 'box') return geometryRule;
  if (part.attributes || item || part.bound) return nestedRule(part);
  if (!system) return undefined;
  if (name === 'timestamptz') return inUtc(timestampRule(typmod, true));
  return itemRuleOf(name, typmod) ?? carefulItem(name, typmod);
}

/** Times without an offset within a value are read as UTC; a notice says so. */
function inUtc({ judge, ...rule }: TypeRule): TypeRule {
  return {
    ...rule,
    judge: (text) => {
      const fault = judge(text);
      return fault?.code === 'time_zone_missing' ? undefined : fault;
    },
  };
}

function carefulItem(name: string, typmod: number): TypeRule | undefined {
  if (name === 'interval') return intervalRule(typmod);
  if (name === 'point') return pointRule;
  if (GEOMETRY.has(name)) return geometryRule;
  const [, kind = '', multi] = /^(\w+?)(multi)?range$/.exec(name) ?? [];
  const range = RANGES[kind];
  if (range) return multi ? rangeRule(range[0]) : rangeRule(...range);
  const look = LOOKS[name];
  return (
    look && {
      trims: name !== 'name' && name !== 'char',
      write: () => DOUBT,
      judge: (value) => look(value, typmod),
    }
  );
}

/** Others PostgreSQL reads too: -1 as 4294967295. */
function digitsAlone(value: string): Fault | undefined {
  return unless(/^\d+$/.test(value), { code: 'not_an_integer', params: { value } });
}

function unless(holds: boolean, fault: Fault): Fault | undefined {
  return holds ? undefined : fault;
}

/** Checks the length in bytes, which these types count. */
function tooLong(value: string, max: number): Fault | undefined {
  const length = Buffer.byteLength(value);
  return unless(length <= max, { code: 'too_long', params: { length, max, unit: 'byte' } });
}
