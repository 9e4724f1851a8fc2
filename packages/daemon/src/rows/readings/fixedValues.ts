/** Values that a spec gives, in every row or where the file has none: written as PostgreSQL reads them, or as the file writes its numbers. */
import type { Spec } from '@csvjobs/shared';
import { createColumnReader } from '../columnReader.js';
import type { SpecColumn } from '../specColumns.js';
import { typeRuleOf } from '../typeRules.js';
import { planForm } from './planForm.js';
import { withMarks } from './planReading.js';

/** The column with its constant and its default in PostgreSQL's form: `1,5` beside `--decimal ,` is 1.5, and so is `1.5`. */
export function withStoredValues(each: SpecColumn, spec: Spec | undefined): SpecColumn {
  if (each.constant === undefined && each.default === undefined) return each;
  // What is wrong with the field itself is said where it is planned.
  const form = planForm(withMarks(each, spec), { fault: () => {}, notice: () => {} });
  if (form?.kind !== 'number') return each;
  const { type } = each.column;
  const rule = typeRuleOf({ ...type, domain: null });
  const reader = createColumnReader({
    type,
    nullable: false,
    reading: { missing: [], trim: false, form, limits: undefined },
  });
  const stored = (text: string | undefined) => {
    if (text === undefined || rule?.judge(text) === undefined) return text;
    const verdict = reader.judge(text);
    return 'text' in verdict && verdict.text !== null ? verdict.text : text;
  };
  return { ...each, constant: stored(each.constant), default: stored(each.default) };
}
