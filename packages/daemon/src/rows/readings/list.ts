/** Rewrites lists (Table Schema v2: delimiter, itemType) as array literals (PostgreSQL manual, section 8.15.6). */
import { trimmed } from '../blanks.js';
import { inside } from '../types/inside.js';
import { DOUBT, type TypeRule } from '../types/typeRule.js';
import type { FormReader } from './form.js';

/**
 * Quotes every item, so that none is read as NULL or a bracket; PostgreSQL reads the items by their type.
 * @param rule the rule of the items' type, if it has one: items that it refuses are refused here
 */
export function listForm(delimiter: string, rule: TypeRule | undefined): FormReader {
  const faultOf = (text: string) => {
    if (rule === undefined) return undefined;
    const items = text.split(delimiter).map((item) => (rule.trims ? trimmed(item) : item));
    return items.map((item) => inside(rule.judge(item))).find((fault) => fault !== undefined);
  };
  return {
    rewrite(bytes, start, end, out) {
      const text = Buffer.from(bytes.subarray(start, end)).toString('utf8');
      if (faultOf(text)) return DOUBT;
      const items = text.split(delimiter).map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`);
      const literal = Buffer.from(`{${items.join(',')}}`);
      out.makeRoom(literal.length).set(literal);
      return literal.length;
    },
    fault: (text) => faultOf(text)!,
  };
}
