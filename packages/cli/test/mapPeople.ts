/** A table and a file whose columns have other names, for the tests of `csvjobs map`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeColumn, makeTable } from './peer/tables.js';

export const PEOPLE = makeTable('shop', 'people', {
  columns: [
    makeColumn('id', 'bigint', { type: { name: 'int8' }, notNull: true, identity: 'by default' }),
    makeColumn('full_name', 'text', { notNull: true }),
    makeColumn('email', 'text', { notNull: true }),
    makeColumn('company', 'text', { notNull: true }),
    makeColumn('phone'),
    makeColumn('joined', 'date', { default: 'CURRENT_DATE' }),
    makeColumn('source'),
  ],
});

const HEADER = 'First,Last,E-Mail Address,Company Name,Phone,Mobile,Joined,Notes';

/** Rows 2 and 4 have dates that can be read as more than one; row 3 has no company. */
const ROWS = [
  'Ada,Lovelace,ada@example.com,Analytical Engines,+44 20 7946 0001,,1815-12-10,"first, of many"',
  'Grace,Hopper,grace@example.com,US Navy,,+1 555 0100,1906/9/12,',
  'Alan,Turing,alan@example.com,,,+44 7700 900123,1912-06-23,',
  'Edsger,Dijkstra,edsger@example.com,Burroughs,+31 40 247 9111,,11/5/1930,',
  'Barbara,Liskov,barbara@example.com,MIT,+1 617 253 0001,+1 617 555 0101,1939-11-07,',
];

/** Writes the file; returns its name in the folder. */
export function writePeople(folder: string, name = 'people.csv'): string {
  writeFileSync(join(folder, name), `${[HEADER, ...ROWS].join('\n')}\n`);
  return name;
}
