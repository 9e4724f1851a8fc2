/** Plans how to read a column by a spec, and checks the spec against the column. */
import type { Spec, SpecField } from '@csvjobs/shared';
import { trimmed } from '../blanks.js';
import type { Reading } from '../reading.js';
import type { SpecColumn } from '../specColumns.js';
import { typeRuleOf } from '../typeRules.js';
import { carefulRule } from '../types/careful.js';
import { columnKind } from './fits.js';
import { planForm, type Remarks } from './planForm.js';
import { planLimits } from './planLimits.js';

/** Returns undefined if the spec demands nothing beyond reading the plain text. */
export function planReading(each: SpecColumn, spec: Spec | undefined, remarks: Remarks): Reading | undefined {
  const { column, field } = each;
  const form = planForm(withForms(each, spec), remarks);
  const rule = typeRuleOf({ ...column.type, domain: null });
  const trim = each.trim && rule?.trims !== true;
  const judgeRule = rule ?? carefulRule(column.type);
  const strict = spec?.csvjobs?.strict === true;
  // Blanks around JSON are part of its syntax.
  const isExact = strict && judgeRule?.trims === true && !each.trim && columnKind(column.type) !== 'json';
  const words = specMissingWords(field, spec).map((word) =>
    !isExact && (rule?.trims || trim) ? trimmed(word) : word,
  );
  const missing = [...new Set(words)];
  const limits = field?.constraints && planLimits(each, { missing, trim, form, limits: undefined }, remarks);
  const quotedEmpty = spec?.csvjobs?.quotedEmpty === 'text';
  const isUnrounded = strict && judgeRule?.rounds !== undefined;
  const demands = trim || isExact || isUnrounded || form || limits || quotedEmpty;
  const isPlain = missing.length === 1 && missing[0] === '' && !demands;
  if (isPlain) return undefined;
  return {
    missing,
    ...(quotedEmpty && { quotedEmpty }),
    trim,
    ...(isExact && { exact: true }),
    ...(isUnrounded && { unrounded: true }),
    form,
    limits,
  };
}

/** Adds what the spec says about the forms of all fields. */
export function withForms(each: SpecColumn, spec: Spec | undefined): SpecColumn {
  return withDateFormat(withMarks(each, spec), spec);
}

/**
 * Adds the separators of all numbers to a field of a number that has none of its own. An integer has no decimals, so
 * without a group separator it is read as usual.
 */
function withMarks(each: SpecColumn, spec: Spec | undefined): SpecColumn {
  const { column, field } = each;
  const { decimalChar, groupChar } = spec?.csvjobs ?? {};
  const kind = columnKind(column.type);
  if (kind !== 'number' && kind !== 'integer') return each;
  if (field !== undefined && !['number', 'integer', 'any'].includes(field.type)) return each;
  if ((kind === 'integer' || field?.type === 'integer') && groupChar === undefined) return each;
  const marks = {
    ...(decimalChar !== undefined && { decimalChar }),
    ...(groupChar !== undefined && { groupChar }),
  };
  if (Object.keys(marks).length === 0) return each;
  return { ...each, field: { name: column.name, type: 'any', ...marks, ...field } };
}

/** Adds the format of all dates, or of all timestamps, to a field that has none of its own. */
function withDateFormat(each: SpecColumn, spec: Spec | undefined): SpecColumn {
  const { column, field } = each;
  const { dateFormat, timestampFormat } = spec?.csvjobs ?? {};
  const kind = columnKind(column.type);
  const isTimestamp = kind === 'timestamp' || kind === 'timestamptz';
  const format = kind === 'date' ? dateFormat : isTimestamp ? timestampFormat : undefined;
  if (format === undefined || (field !== undefined && !['any', 'date', 'datetime'].includes(field.type)))
    return each;
  return { ...each, field: { name: column.name, type: 'any', format, ...field } };
}

/** Returns the words that mean a missing value in a field, or in all fields. */
export function specMissingWords(field: SpecField | undefined, spec: Spec | undefined): string[] {
  const words = field?.missingValues ?? spec?.schema?.missingValues ?? [''];
  const { nullSequence } = spec?.dialect ?? {};
  return [
    ...words.map((word) => (typeof word === 'string' ? word : word.value)),
    ...(nullSequence === undefined ? [] : [nullSequence]),
    ...(spec?.csvjobs?.missingValues ?? []),
  ];
}
