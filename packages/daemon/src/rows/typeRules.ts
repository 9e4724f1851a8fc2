/** Which rule a column's type has. Types without one are judged and read by PostgreSQL itself. */
import type { TargetType } from '@csvjobs/shared';
import { booleanRule } from './types/boolean.js';
import { byteaRule } from './types/bytea.js';
import { dateRule, timeRule, timestampRule } from './types/dateTime.js';
import { enumRule } from './types/enumeration.js';
import { floatRule } from './types/float.js';
import { bigintRule, integerRule } from './types/integer.js';
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
};

/**
 * The rule of a type. Undefined for a type that only PostgreSQL can read, and for a domain with conditions of its own:
 * COPY would check them, but one bad value costs its whole batch the straight way.
 */
export function typeRuleOf({ kind, name, system, typmod, labels, domain }: TargetType): TypeRule | undefined {
  if (domain !== null && domain.checks.length > 0) return undefined;
  if (kind === 'enum') return enumRule(labels ?? []);
  return kind === 'base' && system ? BY_NAME[name]?.(typmod) : undefined;
}
