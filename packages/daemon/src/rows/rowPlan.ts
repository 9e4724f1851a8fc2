/** Plans how to make each row, from a target, a spec and a header. */
import type { KeyTypes, Spec, Target } from '@csvjobs/shared';
import { sentenceOf, writeTableName } from '@csvjobs/shared/reading';
import { columnSources } from './columnSources.js';
import { conflictPlan, keyOptions, lacksUsableKey, whyNoKey } from './conflictPlan.js';
import { type HeaderWords, tableWords } from './headerWords.js';
import { lookupInputs } from './lookups.js';
import type { Notice } from './notice.js';
import type { ColumnFrom, PlanColumn, PlannedLookup, RowPlan } from './planColumn.js';
import { plannedBlanks } from './plannedBlanks.js';
import { keepsPointInTime } from './readings/fits.js';
import { withStoredValues } from './readings/fixedValues.js';
import { planReading } from './readings/planReading.js';
import { isNullable, mayDefault, type SpecColumn, specColumns } from './specColumns.js';
import { SpecMismatch } from './specMismatch.js';
import { fieldsMatchFaults, uncheckedKeys } from './tableSchema.js';
import { typeRuleOf } from './typeRules.js';
import { carefulRule } from './types/careful.js';
import { unfilledFaults } from './unfilled.js';

export type {
  PlanColumn,
  PlannedBlank,
  PlannedConflict,
  RowPlan,
} from './planColumn.js';
export { SpecMismatch } from './specMismatch.js';

/** What is known about headers for a table, in addition to its columns and the spec. */
export interface HeaderKnowledge {
  words: HeaderWords;
  /** The usual names of a column in a header. */
  known(column: string): readonly string[];
  /** Types of the natural keys by which the spec looks up values. */
  keyTypes?: KeyTypes | undefined;
}

/**
 * Plans the rows of a file. Columns are in the table's order, those with a constant after all others.
 * @throws {SpecMismatch} with all reasons why the file, the spec and the table do not fit together
 */
export function rowPlan(
  target: Target,
  spec: Spec | undefined,
  header: readonly string[],
  { words, known, keyTypes }: HeaderKnowledge = { words: tableWords(target), known: () => [] },
): RowPlan {
  const faults: string[] = [];
  const described = specColumns(target, spec, faults, known).map((each) => withStoredValues(each, spec));
  const { byColumn, notices, lacksFields } = columnSources(
    target,
    described,
    header,
    faults,
    words,
    spec?.csvjobs,
  );
  faults.push(
    ...unfilledFaults(target, described, spec?.csvjobs),
    ...fieldsMatchFaults(described, spec, header, byColumn),
  );
  notices.push(...uncheckedKeys(target, described, spec));
  const before = faults.length;
  const choice = { spec, byColumn, header };
  const conflict = conflictPlan(target, described, choice, faults);
  if (spec?.csvjobs?.replace && !conflict && faults.length === before)
    notices.push({
      note: `the rows of ${writeTableName(target.table)} cannot be matched by a unique key${whyNoKey(target, choice)}. So all rows of the table are removed, and the rows of the file are inserted`,
    });
  const lacksKey = before === 0 && faults.length > 0;
  const blanks = plannedBlanks(described, byColumn, conflict, target);
  const lookups: PlannedLookup[] = [];
  const columns = described.flatMap((each) => {
    const from = byColumn.get(each.column.name);
    if (each.lookup)
      return lookupInputs(target, { ...each, lookup: each.lookup }, from, spec, faults, lookups, keyTypes);
    const planned = planColumn(each, from, spec, faults, notices);
    return planned ? [planned] : [];
  });
  const timeZone = spec?.csvjobs?.timeZone;
  if (typeof timeZone === 'string' && !columns.some(readsPointInTime))
    notices.push({ note: `no column that the file fills keeps a time zone; ${timeZone} is not used` });
  if (faults.length > 0) {
    const onlyKey = lacksKey && faults.length === 1;
    throw new SpecMismatch(
      faults,
      onlyKey ? keyOptions(target, choice) : undefined,
      onlyKey && lacksUsableKey(target, spec) ? 'key_unusable' : 'spec_mismatch',
      lacksFields ? header.map((cell) => cell.trim()) : [],
    );
  }
  const isConstant = ({ from }: PlanColumn) => from.kind === 'constant';
  return {
    columns: [...columns.filter((each) => !isConstant(each)), ...columns.filter(isConstant)],
    lookups,
    notices,
    ...(blanks.length > 0 && { blanks }),
    ...(conflict && { conflict }),
  };
}

function readsPointInTime({ type, reading }: PlanColumn): boolean {
  return keepsPointInTime(reading?.form?.kind === 'keyValue' ? reading.form.type : type);
}

/** Returns undefined for a column without a source; checks its spec anyway. */
function planColumn(
  each: SpecColumn,
  from: ColumnFrom | undefined,
  spec: Spec | undefined,
  faults: string[],
  notices: Notice[],
): PlanColumn | undefined {
  const { column, default: filled, constant, field } = each;
  const place = field === undefined ? column.name : `schema.fields: ${field.name}`;
  const reading = planReading(each, spec, {
    fault: (sentence) => faults.push(`${place}: ${sentence}`),
    notice: (sentence) => from && notices.push(`${column.name}: ${sentence}`),
  });
  for (const [word, text] of Object.entries({ default: filled, constant })) {
    if (text === undefined) continue;
    const fault = (typeRuleOf({ ...column.type, domain: null }) ?? carefulRule(column.type))?.judge(text);
    if (fault) faults.push(`csvjobs.${word}: ${sentenceOf({ ...fault, column: column.name })}`);
  }
  if (!from) return undefined;
  if (column.type.timesInside)
    notices.push({
      note: `${column.name}: PostgreSQL reads the values of ${column.type.sql}, and a time without an offset in them as UTC`,
    });
  return {
    column: column.name,
    type: column.type,
    nullable: isNullable(each),
    ...(!isNullable(each) && mayDefault(each, spec) && { hasDefault: true as const }),
    from,
    reading,
    // If a row may keep its value, a default is only for new rows: see plannedBlanks.ts.
    ...(filled === undefined || from.kind === 'constant' || each.blanks === 'keep'
      ? {}
      : { default: filled }),
  };
}
