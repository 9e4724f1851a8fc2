/**
 * Makes records of customers if not every value is simply one field: some are made of several fields, given by the
 * spec, or read by its rules. The made record has one field for each column, and is judged like any other record.
 */
import type { TargetReason } from '@csvjobs/shared';
import { isCustomerColumn } from '@csvjobs/shared/reading';
import { type Alternative, alternativesOf } from '../rows/alternatives.js';
import { createColumnReader } from '../rows/columnReader.js';
import { missingWords } from '../rows/readings/missing.js';
import type { PlanColumn } from '../rows/rowPlan.js';
import { Fields } from './parse/fields.js';
import { valueEnd, valueStart } from './validate/edges.js';

/** A made record; valid until the next one is made. */
export interface MadeRecord {
  /** The columns' texts as in the file, for a report. */
  shown: Fields;
  /**
   * The values, as read by the spec; words for "no value" are replaced. The same object as `shown` if nothing differs.
   */
  read: Fields;
  /** Faults by the spec. Those by the rules of customers are found later, in `read`. */
  faults: TargetReason[];
}

export type MakeCustomer = (fields: Fields) => MadeRecord;

/** @param columns in the order of the made fields */
export function createCustomerMaker(columns: readonly PlanColumn[]): MakeCustomer {
  const makers = columns.map(valueMaker);
  const texts = new FieldText();
  const values = new FieldText();
  return (fields) => {
    texts.begin();
    for (const { from } of makers) {
      texts.open();
      if (from.kind === 'constant') texts.add(from.bytes, 0, from.bytes.length);
      else addFirst(texts, fields, from);
      texts.close();
    }
    const shown = texts.fields;
    const faults: TargetReason[] = [];
    const given = makers.map(({ value }, at) => value(shown, at, faults));
    if (given.every((value) => value === undefined)) return { shown, read: shown, faults };
    values.begin();
    for (const [at, value] of given.entries()) {
      values.open();
      if (value) values.add(value, 0, value.length);
      else values.add(shown.bytes, shown.starts[at]!, shown.ends[at]!);
      values.close();
    }
    return { shown, read: values.fields, faults };
  };
}

type Parts = {
  kind: 'parts';
  /** The position of a field that is the only source. It keeps the white space around it, which a report shows. */
  whole: number | undefined;
  alternatives: readonly Alternative[];
  isMissing: IsMissing;
};
type IsMissing = (bytes: Uint8Array, start: number, end: number) => boolean;

interface ValueMaker {
  from: Parts | { kind: 'constant'; bytes: Buffer };
  /** Returns the column's value, or undefined if it is the text itself. Adds any faults of the value to `faults`. */
  value(shown: Fields, at: number, faults: TargetReason[]): Buffer | undefined;
}

const NOTHING = Buffer.alloc(0);

function valueMaker({ column, type, from, nullable, reading, default: filled }: PlanColumn): ValueMaker {
  const isMissing = missingWords(['', ...(reading?.missing ?? [])]);
  const otherwise = filled === undefined ? NOTHING : Buffer.from(filled);
  const ownRule = isCustomerColumn(column) && column !== 'phone';
  const reader =
    (reading?.form ?? reading?.limits) &&
    createColumnReader({ type, nullable: true, reading: { ...reading!, trim: true } });
  const makeValue: ValueMaker['value'] = ({ bytes, starts, ends }, at, faults) => {
    const start = valueStart(bytes, starts[at]!, ends[at]!);
    const end = valueEnd(bytes, start, ends[at]!);
    if (isMissing(bytes, start, end)) {
      if (filled === undefined && !nullable && !ownRule)
        faults.push({ code: 'required', column, params: {} });
      return otherwise;
    }
    if (!reader) return undefined;
    const text = bytes.toString('utf8', start, end);
    const verdict = reader.judge(text);
    if ('faults' in verdict) {
      faults.push(...verdict.faults.map((fault) => ({ ...fault, column })));
      return undefined;
    }
    return verdict.text === text ? undefined : Buffer.from(verdict.text ?? '');
  };
  // A column that the owner has added is read later, by its own rule, from the unchanged text.
  const value = isCustomerColumn(column) ? makeValue : () => undefined;
  if (from.kind === 'constant') return { from: { kind: 'constant', bytes: Buffer.from(from.text) }, value };
  const parts =
    from.kind === 'field'
      ? { whole: from.position, alternatives: [] }
      : { whole: undefined, alternatives: alternativesOf(from) };
  return { from: { kind: 'parts', ...parts, isMissing }, value };
}

/** Adds the first alternative that has a value. */
function addFirst(into: FieldText, fields: Fields, { whole, alternatives, isMissing }: Parts): void {
  const { bytes, count, starts, ends } = fields;
  if (whole !== undefined && whole < count) into.add(bytes, starts[whole]!, ends[whole]!);
  for (const { positions } of alternatives) {
    for (const position of positions) {
      if (position >= count) continue;
      const start = valueStart(bytes, starts[position]!, ends[position]!);
      const end = valueEnd(bytes, start, ends[position]!);
      if (isMissing(bytes, start, end)) continue;
      if (!into.isEmpty) into.add(SPACE, 0, 1);
      into.add(bytes, start, end);
    }
    if (!into.isEmpty) return;
  }
}

const SPACE = Buffer.from(' ');
const FIRST_SIZE = 4 * 1024;

/** Fields written one after the other, into memory that the next record overwrites. */
class FieldText {
  readonly fields = new Fields();
  #length = 0;
  #start = 0;

  constructor() {
    this.fields.bytes = Buffer.alloc(FIRST_SIZE);
  }

  get isEmpty(): boolean {
    return this.#length === this.#start;
  }

  begin(): void {
    this.fields.count = 0;
    this.#length = 0;
  }

  open(): void {
    this.#start = this.#length;
  }

  close(): void {
    this.fields.add(this.#start, this.#length);
  }

  add(bytes: Buffer, start: number, end: number): void {
    const size = end - start;
    if (this.#length + size > this.fields.bytes.length) {
      const larger = Buffer.alloc(2 * (this.#length + size));
      this.fields.bytes.copy(larger, 0, 0, this.#length);
      this.fields.bytes = larger;
    }
    bytes.copy(this.fields.bytes, this.#length, start, end);
    this.#length += size;
  }
}
