/**
 * Reads the values of a plan's column: a rule that writes values directly, and a full judgment of a text. Both take
 * the same steps: missing value, the form in which the file writes values, the limits of the spec, the rule of the
 * type.
 */
import { isBlank, trimmed } from './blanks.js';
import type { PlanColumn } from './planColumn.js';
import { isQuotedEmpty } from './quotedEmpty.js';
import { createForm } from './readings/createForm.js';
import { columnKind } from './readings/fits.js';
import { type FormReader, Scratch } from './readings/form.js';
import { type LimitsReader, limitsReader, orderOf } from './readings/limits.js';
import { missingWords } from './readings/missing.js';
import { encodeField } from './rowWriter.js';
import { typeRuleOf } from './typeRules.js';
import { carefulRule } from './types/careful.js';
import type { FloatName } from './types/floatText.js';
import { DOUBT, type Fault, MISSING, type TypeRule } from './types/typeRule.js';
import { writingRuleOf } from './writingRule.js';

/** The text for PostgreSQL, null for NULL, and the type to which it rounds the value; or all faults of the value. */
export type ColumnVerdict = Accepted | { faults: Fault[] };

interface Accepted {
  text: string | null;
  rounded?: FloatName | undefined;
}

export interface ColumnReader {
  /** Writes values directly; undefined if only PostgreSQL can read them. */
  rule: TypeRule | undefined;
  /** The same for texts in PostgreSQL's form, such as constants. */
  stored: TypeRule | undefined;
  /** The replacement for a missing value, as a field of the binary format; undefined for NULL. */
  empty: Uint8Array | undefined;
  /** The rule, if it alone decides about fields that are not empty. */
  plain: TypeRule | undefined;
  /**
   * Judges a text as it is in the file.
   * @param quoted the text is empty and has quotes
   */
  judge(text: string, quoted?: boolean): ColumnVerdict;
  /** Returns the verdict on a text in PostgreSQL's form, such as a constant, which has no faults. */
  judgeStored(text: string): ColumnVerdict;
}

type Column = Pick<PlanColumn, 'type' | 'nullable' | 'reading' | 'default' | 'hasDefault'>;

/** Maximum growth of a rewritten text, in bytes; a text that grows more is judged and staged. */
const MOST_REWRITTEN = 64;

export function createColumnReader(column: Column): ColumnReader {
  const { type, reading } = column;
  const rule = writingRuleOf(type);
  // PostgreSQL judges the conditions of a domain. Values that the type under it would silently change are judged here.
  const judgeRule = typeRuleOf({ ...type, domain: null }) ?? carefulRule(type);
  const form = reading?.form && createForm(reading.form);
  const order = orderOf(columnKind(type), judgeRule) ?? (() => undefined);
  const delimiter = reading?.form?.kind === 'list' ? reading.form.delimiter : undefined;
  const limits = reading?.limits && limitsReader(reading.limits, order, delimiter);
  const exact = reading?.exact === true;
  const trims = !exact && (judgeRule?.trims === true || reading?.trim === true);
  const { missing = [''], quotedEmpty = false } = reading ?? {};
  const unrounded = reading?.unrounded === true;
  const steps: Steps = { missing, quotedEmpty, trims, exact, unrounded, form, limits, rule: judgeRule };
  return {
    rule: rule && (reading ? readingRule(rule, steps) : rule),
    stored: rule,
    empty: column.default === undefined || !rule ? undefined : encodeField(rule, column.default),
    plain: reading === undefined ? rule : undefined,
    judge: (text, quoted = false) =>
      quoted && quotedEmpty ? judgeValue(text, steps) : judge(text, steps, column),
    judgeStored: (text) => accepted(text, judgeRule),
  };
}

interface Steps {
  missing: readonly string[];
  quotedEmpty: boolean;
  trims: boolean;
  /** Blanks around a value are a fault. */
  exact: boolean;
  /** A value that the type rounds is a fault. */
  unrounded: boolean;
  form: FormReader | undefined;
  limits: LimitsReader | undefined;
  rule: TypeRule | undefined;
}

function judge(text: string, steps: Steps, { nullable, default: filled, hasDefault }: Column): ColumnVerdict {
  const value = steps.trims ? trimmed(text) : text;
  if (steps.missing.includes(value)) {
    if (filled !== undefined) return accepted(filled, steps.rule);
    if (nullable) return { text: null };
    return { faults: [{ code: 'required', params: hasDefault ? { hasDefault } : {} }] };
  }
  if (steps.exact && value !== trimmed(value))
    return { faults: [{ code: 'blanks_around', params: { value } }] };
  return judgeValue(value, steps);
}

/** Takes the steps after the check for a missing value. */
function judgeValue(value: string, { form, limits, rule, unrounded }: Steps): ColumnVerdict {
  const text = form ? rewritten(form, value) : value;
  if (text === undefined) return { faults: [form!.fault(value)] };
  const fault = rule?.judge(text);
  // Name the file's own text, because that is what the user looks for in the file.
  if (fault) return { faults: [text === value ? fault : namedAs(fault, value)] };
  const broken = limits?.(value, text) ?? [];
  if (broken.length > 0) return { faults: broken };
  const verdict = accepted(text, rule);
  if (!unrounded || verdict.rounded === undefined) return verdict;
  return { faults: [{ code: 'would_be_rounded', params: { value, type: verdict.rounded } }] };
}

function accepted(text: string, rule: TypeRule | undefined): Accepted {
  return { text, rounded: rule?.rounds?.(text) };
}

function namedAs(fault: Fault, value: string): Fault {
  return 'value' in fault.params ? ({ ...fault, params: { ...fault.params, value } } as Fault) : fault;
}

const scratch = new Scratch();

function rewritten(form: FormReader, value: string): string | undefined {
  const bytes = Buffer.from(value);
  const length = form.rewrite(bytes, 0, bytes.length, scratch);
  return length === DOUBT ? undefined : decode(scratch.bytes, 0, length);
}

/** Returns the rule of a type with the steps before it. */
function readingRule(rule: TypeRule, steps: Steps): TypeRule {
  const { form, limits, exact, quotedEmpty } = steps;
  const isMissing = missingWords(steps.missing);
  return {
    trims: steps.trims,
    takesEmpty: quotedEmpty || !steps.missing.includes(''),
    growth: MOST_REWRITTEN + 16,
    judge: rule.judge,
    write(bytes, start, end, out, at) {
      if (isMissing(bytes, start, end) && !(quotedEmpty && isQuotedEmpty(bytes, start, end))) return MISSING;
      if (exact && start < end && (isBlank(bytes[start]!) || isBlank(bytes[end - 1]!))) return DOUBT;
      let from: Uint8Array = bytes;
      let first = start;
      let last = end;
      if (form) {
        const length = form.rewrite(bytes, start, end, scratch);
        if (length === DOUBT || length > end - start + MOST_REWRITTEN) return DOUBT;
        from = scratch.bytes;
        first = 0;
        last = length;
      }
      // Only rules that accept an empty text can write one.
      if (first === last && rule.judge('')) return DOUBT;
      const writtenTo = rule.write(from, first, last, out, at);
      if (limits && writtenTo !== DOUBT) {
        const raw = decode(bytes, start, end);
        if (limits(raw, form ? decode(from, first, last) : raw).length > 0) return DOUBT;
      }
      return writtenTo;
    },
  };
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
