/** Constants and defaults of a spec, which may be in PostgreSQL's form or in that of the file. */
import type { Spec } from '@csvjobs/shared';
import { createColumnReader } from '../columnReader.js';
import type { SpecColumn } from '../specColumns.js';
import { typeRuleOf } from '../typeRules.js';
import { carefulRule } from '../types/careful.js';
import { planForm } from './planForm.js';
import { withForms } from './planReading.js';

/**
 * Converts a column's constant and default to PostgreSQL's form: with `--decimal ,`, both `1,5` and `1.5` are 1.5. Words of
 * the file come first, because PostgreSQL may read them as something else.
 */
export function withStoredValues(each: SpecColumn, spec: Spec | undefined): SpecColumn {
  if (each.constant === undefined && each.default === undefined) return each;
  // Faults of the field itself are reported when it is planned.
  const form = planForm(withForms(each, spec), { fault: () => {}, notice: () => {} });
  if (form === undefined || form.kind === 'plain') return each;
  const { type } = each.column;
  const rule = typeRuleOf({ ...type, domain: null }) ?? carefulRule(type);
  const reader = createColumnReader({
    type,
    nullable: false,
    reading: { missing: [], trim: false, form, limits: undefined },
  });
  const isPostgresForm = (text: string) =>
    form.kind !== 'words' && (rule ? rule.judge(text) === undefined : text.startsWith('{'));
  const stored = (text: string | undefined) => {
    if (text === undefined || isPostgresForm(text)) return text;
    const verdict = reader.judge(text);
    return 'text' in verdict && verdict.text !== null ? verdict.text : text;
  };
  return { ...each, constant: stored(each.constant), default: stored(each.default) };
}
