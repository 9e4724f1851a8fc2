/** The rule that writes values of a type directly. */
import type { TargetType } from '@csvjobs/shared';
import { typeRuleOf } from './typeRules.js';
import { carefulRule } from './types/careful.js';
import type { TypeRule } from './types/typeRule.js';

/** Returns undefined for a type of which PostgreSQL reads all values. */
export function writingRuleOf(type: TargetType): TypeRule | undefined {
  const rule = typeRuleOf(type);
  if (rule) return rule;
  const hasConditions = type.domain !== null && type.domain.checks.length > 0;
  const careful = hasConditions ? undefined : carefulRule(type);
  return careful?.writesUsual ? careful : undefined;
}
