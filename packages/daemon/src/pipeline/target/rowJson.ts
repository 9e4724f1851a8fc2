/**
 * Writes the values of a rejected record as a JSON object, from bytes to bytes: values that are only copied never become
 * strings.
 */
import type { PlanColumn } from '../../rows/rowPlan.js';
import type { ReportRows } from '../batch/reportRows.js';
import type { Fields } from '../parse/fields.js';
import { rawRow } from './targetReject.js';

/** Writes a field with a record's values by column name, like `rawRow`. */
export type WriteRow = (into: ReportRows, fields: Fields) => void;

const OPEN = Buffer.from('{');
const CLOSE = Buffer.from('}');
const QUOTE = Buffer.from('"');

export function createRowJson(columns: readonly PlanColumn[]): WriteRow {
  const own = columns.filter(({ from }) => from.kind !== 'constant');
  // Values made of several fields are rare.
  if (own.some(({ from, lookup }) => from.kind !== 'field' || lookup !== undefined))
    return (into, fields) => into.json(JSON.stringify(rawRow(columns, fields)));
  const cells = own.map(({ column, from }, at) => ({
    name: Buffer.from(`${at === 0 ? '' : ','}${JSON.stringify(column)}:"`),
    position: (from as Extract<PlanColumn['from'], { kind: 'field' }>).position,
  }));
  return (into, { bytes, starts, ends, count }) => {
    into.beginJson();
    into.ascii(OPEN);
    let first = true;
    for (const { name, position } of cells) {
      if (position >= count) continue;
      into.ascii(first ? withoutComma(name) : name);
      into.jsonText(bytes, starts[position]!, ends[position]!);
      into.ascii(QUOTE);
      first = false;
    }
    into.ascii(CLOSE);
    into.endJson();
  };
}

/** For a record that lacks the first of the fields. */
function withoutComma(name: Buffer): Buffer {
  return name[0] === COMMA ? name.subarray(1) : name;
}

const COMMA = 0x2c;
