/** What a report did to the cells of a record is undone, and only that; what nobody has fixed does not fit. */
import { expect, it } from 'vitest';
import { parseFixed } from '../../../src/pipeline/fixes/parseFixed.js';
import { createParse } from '../../../src/pipeline/parse.js';
import { RecordCutter } from '../../../src/pipeline/records.js';

const parse = parseFixed(createParse({ delimiter: ',' }), { positions: [2, 3, 4], cells: 5, marks: 4 });

function fieldsOf(text: string): string[] {
  const cutter = new RecordCutter({ delimiter: ',', maxRecordBytes: 1_000 });
  cutter.push(Buffer.from(text));
  cutter.finish();
  expect(cutter.next()).toBe(true);
  const fields = parse(cutter);
  return Array.from({ length: fields.count }, (_, at) => fields.text(at));
}

it.each([
  ['apostrophes that it names', `'=1,'a,3,e,1 2`, ['=1', `'a`, '3', 'e', '1 2']],
  ['no others', `'=1,'+2,3,e,2`, [`'=1`, '+2', '3', 'e', '2']],
  ['a record that stands whole in its first cell', `"x ""y"",1",,3,e,whole`, ['x "y",1']],
  ['one that was cut into cells since', 'x,1,3,e,whole', ['x', '1', '3', 'e', 'whole']],
  ['one without any value', ' ,"",3,e,', [' ']],
  ['one with another number of fields', `'=1,3,e,1`, [`'=1`, '3', 'e', '1']],
])('%s', (_, text, fields) => {
  expect(fieldsOf(text)).toEqual(fields);
});
