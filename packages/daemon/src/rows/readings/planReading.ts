/** How a spec reads a column, checked against the column. */
import type { Spec, SpecField } from '@csvjobs/shared';
import { trimmed } from '../blanks.js';
import type { Reading } from '../reading.js';
import type { SpecColumn } from '../specColumns.js';
import { typeRuleOf } from '../typeRules.js';
import { planForm, type Remarks } from './planForm.js';
import { planLimits } from './planLimits.js';

/** Undefined where the spec says nothing that reading the plain text would not do. */
export function planReading(each: SpecColumn, spec: Spec | undefined, remarks: Remarks): Reading | undefined {
  const { column, field } = each;
  const form = planForm(each, remarks);
  const rule = typeRuleOf({ ...column.type, domain: null });
  const trim = each.trim && rule?.trims !== true;
  const words = missingWords(field, spec).map((word) => (rule?.trims || trim ? trimmed(word) : word));
  const missing = [...new Set(words)];
  const limits = field?.constraints && planLimits(each, { missing, trim, form, limits: undefined }, remarks);
  const isPlain = missing.length === 1 && missing[0] === '' && !trim && !form && !limits;
  return isPlain ? undefined : { missing, trim, form, limits };
}

function missingWords(field: SpecField | undefined, spec: Spec | undefined): string[] {
  const words = field?.missingValues ?? spec?.schema?.missingValues ?? [''];
  return words.map((word) => (typeof word === 'string' ? word : word.value));
}
