/** A column of a plan at work: its rule for the straight way, and the full look at a text. */
import type { PlanColumn } from './planColumn.js';
import { encodeField } from './rowWriter.js';
import { typeRuleOf } from './typeRules.js';
import type { Fault, TypeRule } from './types/typeRule.js';

/** The text that PostgreSQL is to store, null for NULL; or all that is wrong with it. */
export type ColumnVerdict = { text: string | null } | { faults: Fault[] };

export interface ColumnReader {
  /** Writes values straight; undefined where only PostgreSQL can read them. */
  rule: TypeRule | undefined;
  /** What stands for a missing value, as a field of the binary format; undefined for NULL. */
  empty: Uint8Array | undefined;
  judge(text: string): ColumnVerdict;
}

export function createColumnReader(column: PlanColumn): ColumnReader {
  const { type } = column;
  const rule = typeRuleOf(type);
  // The conditions of a domain are PostgreSQL's to judge; what the type under it would change in silence is not.
  const judgeRule = rule ?? typeRuleOf({ ...type, domain: null });
  return {
    rule,
    empty: column.default === undefined || !rule ? undefined : encodeField(rule, column.default),
    judge(text) {
      const value = judgeRule?.trims ? trimmed(text) : text;
      if (value === '') return missing(column);
      const fault = judgeRule?.judge(value);
      return fault ? { faults: [fault] } : { text: value };
    },
  };
}

function missing({ nullable, default: filled }: PlanColumn): ColumnVerdict {
  if (filled !== undefined) return { text: filled };
  return nullable ? { text: null } : { faults: [{ code: 'required', params: {} }] };
}

/** Without the blanks that blanks.ts means. */
export function trimmed(text: string): string {
  return text.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
}
