/** A table and a file with different column names, for the tests of `csvjobs map`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TableDescription } from '@csvjobs/shared';
import { makeColumn, makeTable } from './peer/tables.js';

export const VANS: TableDescription = makeTable('shop', 'vans', {
  columns: [
    makeColumn('id', 'bigint', { type: { name: 'int8' }, notNull: true, identity: 'by default' }),
    makeColumn('crew', 'text', { notNull: true }),
    makeColumn('plate', 'text', { notNull: true }),
    makeColumn('depot', 'text', { notNull: true }),
    makeColumn('gauge'),
    makeColumn('serviced', 'date', { default: 'CURRENT_DATE' }),
    makeColumn('source'),
  ],
});

const HEADER = 'Front,Rear,Number Plate,Depot Code,Gauge,Spare,Serviced,Remarks';

/** Rows 2 and 4 have ambiguous dates; row 3 has no depot. */
const ROWS = [
  'Ada,Lovelace,ada@example.com,Analytical Engines,+44 20 7946 0001,,1815-12-10,"first, of many"',
  'Grace,Hopper,grace@example.com,US Navy,,+1 555 0100,1906/9/12,',
  'Alan,Turing,alan@example.com,,,+44 7700 900123,1912-06-23,',
  'Edsger,Dijkstra,edsger@example.com,Burroughs,+31 40 247 9111,,11/5/1930,',
  'Barbara,Liskov,barbara@example.com,MIT,+1 617 253 0001,+1 617 555 0101,1939-11-07,',
];

/** Writes the file and returns its name in the folder. */
export function writeVans(folder: string, name = 'vans.csv'): string {
  writeFileSync(join(folder, name), `${[HEADER, ...ROWS].join('\n')}\n`);
  return name;
}
