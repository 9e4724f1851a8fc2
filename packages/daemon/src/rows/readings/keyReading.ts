/**
 * Plans how to read a part of a natural key: as a value of the column that it must equal, in the forms that the spec
 * gives such values.
 */
import type { Spec, SpecField, TargetType } from '@csvjobs/shared';
import type { Form, Reading } from '../reading.js';
import type { SpecColumn } from '../specColumns.js';
import { typeRuleOf } from '../typeRules.js';
import { carefulRule } from '../types/careful.js';
import { columnKind } from './fits.js';
import type { Remarks } from './planForm.js';
import { planReading } from './planReading.js';

/** The parts of a natural key are passed on as text; PostgreSQL reads each as the type of the column that it must equal. */
export const KEY_TEXT: TargetType = {
  ...{ sql: 'text', base: 'text', kind: 'base', name: 'text', system: true, typmod: -1 },
  ...{ element: null, labels: null, domain: null },
};

/** A part of a natural key. */
export interface KeyPart {
  /** The other table's column, for sentences. */
  name: string;
  /** Undefined where no table was read, as in a check without a database. */
  type: TargetType | undefined;
}

const NO_READING: Reading = { missing: [''], trim: false, form: undefined, limits: undefined };

/**
 * Plans the parts of one key. The field of the looked-up column describes the values in the file, so its forms are those
 * of the parts whose type they suit.
 */
export function keyReadings(
  each: SpecColumn,
  parts: readonly KeyPart[],
  spec: Spec | undefined,
  { fault, notice }: Remarks,
): (Reading | undefined)[] {
  const { field } = each;
  const missing = field?.missingValues && { missingValues: field.missingValues };
  const words: SpecField | undefined = missing && { name: field!.name, type: 'any', ...missing };
  const own = field && formsOf(field);
  const typed = ({ name, type = KEY_TEXT }: KeyPart, field: SpecField | undefined) => ({
    ...each,
    ...{ column: { ...each.column, name, type }, field },
  });
  const refused: string[] = [];
  const withForm = (part: KeyPart): Reading | undefined => {
    const { type } = part;
    if (!type || !own) return undefined;
    const faults: string[] = [];
    const reading = planReading(typed(part, own), spec, {
      fault: (sentence) => faults.push(sentence),
      notice,
    });
    refused.push(...faults);
    return faults.length === 0 ? asKey(type, reading) : undefined;
  };
  // Text can have any form, so it has the form only if no other part can.
  const isText = ({ type }: KeyPart) => type !== undefined && columnKind(type) === 'text';
  let formed = parts.map((part) => (isText(part) ? undefined : withForm(part)));
  if (formed.every((reading) => reading === undefined)) formed = parts.map(withForm);
  if (formed.every((reading) => reading === undefined) && refused.length > 0) fault(refused[0]!);
  return parts.map((part, at) => {
    if (formed[at]) return formed[at];
    const reading = planReading(typed(part, words), spec, { fault: () => {}, notice: () => {} });
    return part.type ? asKey(part.type, reading) : reading;
  });
}

/**
 * Returns what a field says about the form of values; undefined if it says nothing. A type without a form says which values
 * the looked-up column itself keeps, as in `describe --spec`.
 */
function formsOf({ constraints: _, ...field }: SpecField): SpecField | undefined {
  const { format, decimalChar, groupChar, bareNumber, trueValues, falseValues, categories, type } = field;
  const hasPattern = format !== undefined && format !== 'default' && format !== 'any';
  const forms = [decimalChar, groupChar, bareNumber, trueValues, falseValues, categories];
  return hasPattern || type === 'list' || forms.some((form) => form !== undefined) ? field : undefined;
}

function asKey(type: TargetType, reading: Reading | undefined): Reading | undefined {
  const { form, ...rest } = reading ?? NO_READING;
  const inner: Form | undefined = form?.kind === 'plain' ? undefined : form;
  // Texts are compared as they are: the rules for storing them say what would be cut.
  if (!inner && columnKind(type) === 'text') return reading;
  const rule = typeRuleOf(type) ?? carefulRule(type);
  const trim = rest.trim || (rest.exact !== true && rule?.trims === true);
  return { ...rest, trim, form: { kind: 'keyValue', type, form: inner } };
}
