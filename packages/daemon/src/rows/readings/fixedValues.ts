/** Constants and defaults of a spec, which may be in PostgreSQL's form or in that of the file. */
import type { Spec } from '@csvjobs/shared';
import { NOW } from '@csvjobs/shared/reading';
import { createColumnReader } from '../columnReader.js';
import type { SpecColumn } from '../specColumns.js';
import { typeRuleOf } from '../typeRules.js';
import { carefulRule } from '../types/careful.js';
import { columnKind } from './fits.js';
import { planForm } from './planForm.js';
import { withForms } from './planReading.js';

/**
 * Converts a column's constant and default to PostgreSQL's form: with `--decimal ,`, both `1,5` and `1.5` are 1.5. Words of
 * the file come first, because PostgreSQL may read them as something else.
 */
export function withStoredValues(given: SpecColumn, spec: Spec | undefined): SpecColumn {
  const each = withTime(given, spec);
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

/** Replaces `now` by its time, in UTC, if the column stores dates or timestamps. A spec that nobody has uploaded means this moment. */
function withTime(each: SpecColumn, spec: Spec | undefined): SpecColumn {
  if (each.constant !== NOW && each.default !== NOW) return each;
  const { type } = each.column;
  const kind = columnKind(type);
  const [date = '', time = ''] = (spec?.csvjobs?.now ?? new Date().toISOString()).split(/[TZ]/);
  const [whole = '', decimals = ''] = time.split('.');
  const kept = decimals.slice(0, type.typmod < 0 ? decimals.length : type.typmod);
  const clock = kept === '' ? whole : `${whole}.${kept}`;
  const times: Partial<Record<typeof kind, string>> = {
    date,
    timestamp: `${date} ${clock}`,
    timestamptz: `${date} ${clock}Z`,
  };
  const inTime = (text: string | undefined) => (text === NOW ? (times[kind] ?? text) : text);
  return { ...each, constant: inTime(each.constant), default: inTime(each.default) };
}
