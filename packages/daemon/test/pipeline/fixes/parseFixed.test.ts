/** Only the report's changes to the cells of a record are undone; an unfixed record still does not fit. */
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
  ['the listed apostrophes', `'=1,'a,3,e,1 2`, ['=1', `'a`, '3', 'e', '1 2']],
  ['no others', `'=1,'+2,3,e,2`, [`'=1`, '+2', '3', 'e', '2']],
  ['a whole record in its first cell', `"x ""y"",1",,3,e,whole`, ['x "y",1']],
  ['one that was split into cells since', 'x,1,3,e,whole', ['x', '1', '3', 'e', 'whole']],
  ['one without values', ' ,"",3,e,', [' ']],
  ['one with a different number of fields', `'=1,3,e,1`, [`'=1`, '3', 'e', '1']],
])('%s', (_, text, fields) => {
  expect(fieldsOf(text)).toEqual(fields);
});
