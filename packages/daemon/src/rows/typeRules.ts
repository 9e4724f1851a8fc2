/** The rules of column types. PostgreSQL itself judges and reads types without a rule. */
import type { TargetType } from '@csvjobs/shared';
import { arrayRule } from './types/array.js';
import { booleanRule } from './types/boolean.js';
import { byteaRule } from './types/bytea.js';
import { dateRule, timeRule, timestampRule } from './types/dateTime.js';
import { enumRule } from './types/enumeration.js';
import { floatRule } from './types/float.js';
import { bigintRule, integerRule } from './types/integer.js';
import { jsonbRule, jsonRule } from './types/json.js';
import { cidrRule, inetRule, macaddrRule } from './types/network.js';
import { numericRule } from './types/numeric.js';
import { charRule, textRule, varcharRule } from './types/text.js';
import type { TypeRule } from './types/typeRule.js';
import { uuidRule } from './types/uuid.js';

const BY_NAME: Record<string, (typmod: number) => TypeRule> = {
  int2: () => integerRule(2),
  int4: () => integerRule(4),
  int8: () => bigintRule,
  numeric: numericRule,
  float4: () => floatRule(4),
  float8: () => floatRule(8),
  bool: () => booleanRule,
  text: () => textRule,
  varchar: varcharRule,
  bpchar: charRule,
  bytea: () => byteaRule,
  uuid: () => uuidRule,
  date: () => dateRule,
  time: timeRule,
  timestamp: (typmod) => timestampRule(typmod, false),
  timestamptz: (typmod) => timestampRule(typmod, true),
  json: () => jsonRule,
  jsonb: () => jsonbRule,
  inet: () => inetRule,
  cidr: () => cidrRule,
  macaddr: () => macaddrRule,
};

/**
 * Returns the rule of a type. Undefined for a type that only PostgreSQL can read, and for a domain with conditions:
 * COPY would check them, but a single bad value makes the direct copy of its whole batch fail.
 */
export function typeRuleOf(type: TargetType): TypeRule | undefined {
  const { kind, name, system, typmod, labels, domain, element } = type;
  if (domain !== null && domain.checks.length > 0) return undefined;
  if (kind === 'enum') return enumRule(labels ?? []);
  if (!system) return undefined;
  if (kind === 'array') {
    const item = itemRuleOf(element ?? '', typmod);
    return item && arrayRule(item, element ?? undefined);
  }
  return kind === 'base' ? BY_NAME[name]?.(typmod) : undefined;
}

/** Returns the rule of an array's items. Only their name in pg_type is known; the typmod is the array's. */
export function itemRuleOf(name: string, typmod: number): TypeRule | undefined {
  return BY_NAME[name]?.(typmod);
}
