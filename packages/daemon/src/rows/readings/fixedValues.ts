/** Constants and defaults of a spec, which may be in PostgreSQL's form or use the file's number format. */
import type { Spec } from '@csvjobs/shared';
import { createColumnReader } from '../columnReader.js';
import type { SpecColumn } from '../specColumns.js';
import { typeRuleOf } from '../typeRules.js';
import { planForm } from './planForm.js';
import { withMarks } from './planReading.js';

/** Converts a column's constant and default to PostgreSQL's form: with `--decimal ,`, both `1,5` and `1.5` are 1.5. */
export function withStoredValues(each: SpecColumn, spec: Spec | undefined): SpecColumn {
  if (each.constant === undefined && each.default === undefined) return each;
  // Faults of the field itself are reported when it is planned.
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
