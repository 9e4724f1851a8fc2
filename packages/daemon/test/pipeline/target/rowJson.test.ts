/** The values of a rejected record as JSON: the same from bytes as from strings. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PayloadMemory } from '../../../src/pipeline/batch/memory.js';
import { ReportRows } from '../../../src/pipeline/batch/reportRows.js';
import { Fields } from '../../../src/pipeline/parse/fields.js';
import { createRowJson } from '../../../src/pipeline/target/rowJson.js';
import { rawRow } from '../../../src/pipeline/target/targetReject.js';
import { rowPlan } from '../../../src/rows/rowPlan.js';
import { columnOf, targetOf } from '../../rows/targets.js';
import { OPTIONS, reportRows } from '../support/run.js';

const NAMES = ['a', 'ü "q" \\ \t', 'c,'];
const plan = rowPlan(targetOf(...NAMES.map((name) => columnOf(name, 'text'))), undefined, NAMES);

function fieldsOf(cells: readonly string[]): Fields {
  const fields = new Fields();
  fields.bytes = Buffer.from(cells.join(','));
  let at = 0;
  for (const cell of cells) {
    const end = at + Buffer.byteLength(cell);
    fields.add(at, end);
    at = end + 1;
  }
  return fields;
}

function written(columns: typeof plan.columns, fields: Fields): unknown {
  const rows = new ReportRows(OPTIONS.jobId);
  rows.begin(1, 2);
  for (const text of [null, '', '']) rows.text(text);
  createRowJson(columns)(rows, fields);
  rows.json(null);
  rows.bytea(fields.bytes, 0, fields.bytes.length);
  rows.end();
  return reportRows(rows.take(new PayloadMemory()).copy)[0]!.row;
}

const cell = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));

it('has the values of any record', () => {
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 4 }), (cells) => {
      const fields = fieldsOf(cells);
      expect(written(plan.columns, fields)).toEqual(rawRow(plan.columns, fields));
    }),
  );
});

it('has no comma before the first value, if a record lacks an earlier one', () => {
  const turned = rowPlan(targetOf(columnOf('b', 'text'), columnOf('a', 'text')), undefined, ['a', 'b']);
  expect(written(turned.columns, fieldsOf(['x']))).toEqual({ a: 'x' });
});

it('has one value for a column filled from several fields', () => {
  const columns = [
    { ...plan.columns[0]!, from: { kind: 'fields' as const, positions: [0, 2], join: 'blank' as const } },
  ];
  expect(written(columns, fieldsOf(['x', 'y', 'z']))).toEqual({ a: 'x z' });
});
