/**
 * Reads a part of a natural key as a value of the column that it must equal. It stays text: PostgreSQL compares it as
 * that column's type, by that type's equality.
 */
import type { TargetType } from '@csvjobs/shared';
import { typeRuleOf } from '../typeRules.js';
import { carefulRule } from '../types/careful.js';
import { DOUBT, type Fault } from '../types/typeRule.js';
import { type FormReader, Scratch } from './form.js';

/** @param form how the file writes the value, if differently from PostgreSQL */
export function keyValueForm(type: TargetType, form: FormReader | undefined): FormReader {
  const rule = typeRuleOf(type) ?? carefulRule(type);
  return {
    rewrite(bytes, start, end, out) {
      let length = end - start;
      if (form) length = form.rewrite(bytes, start, end, out);
      else out.makeRoom(length).set(bytes.subarray(start, end));
      if (length === DOUBT || !rule) return length;
      return rule.judge(Buffer.from(out.bytes.subarray(0, length)).toString('utf8')) ? DOUBT : length;
    },
    fault: (text) => faultOf(text, form, rule?.judge)!,
  };
}

function faultOf(
  text: string,
  form: FormReader | undefined,
  judge: ((text: string) => Fault | undefined) | undefined,
): Fault | undefined {
  if (!form) return judge?.(text);
  const bytes = Buffer.from(text);
  const scratch = new Scratch();
  const length = form.rewrite(bytes, 0, bytes.length, scratch);
  if (length === DOUBT) return form.fault(text);
  const fault = judge?.(Buffer.from(scratch.bytes.subarray(0, length)).toString('utf8'));
  // Name the file's own text, because that is what the user looks for in the file.
  return fault && 'value' in fault.params
    ? ({ ...fault, params: { ...fault.params, value: text } } as Fault)
    : fault;
}
