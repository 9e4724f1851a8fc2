/** The table of the benchmark of modes, and its files: as it is, and with every second row changed. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { generator } from '../files.mjs';

export const DDL = `create table bench.product (
  id bigint primary key, sku text not null, name text not null, price numeric(10,2) not null, stock integer not null,
  active boolean not null, category varchar(20) not null, added date not null, checked timestamp not null, note text)`;
export const COLUMNS = [
  ...DDL.matchAll(/[(,]\s*(\w+) (?=bigint|text|numeric|integer|boolean|varchar|date|timestamp)/g),
].map(([, name]) => name);

const CATEGORIES = ['garden', 'kitchen', 'office', 'outdoor', 'toys'];

/**
 * Writes a file of ten columns and some 100 bytes a record, header first.
 * @param changed which records differ from those of the other files
 * @returns the sum of all prices, in cents
 */
export async function writeProducts(path, rows, changed = () => false) {
  const random = generator(20_260_105);
  const below = (limit) => Math.floor(random() * limit);
  const file = createWriteStream(path);
  let text = `${COLUMNS.join(',')}\n`;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const cents = 100 + below(1_000_000) + (changed(i) ? 1 : 0);
    sum += cents;
    const day = new Date(Date.UTC(2015, 0, 1 + below(4_000))).toISOString();
    const fields = [
      i + 1,
      `SKU-${below(1e9).toString(36)}`,
      `furiously even product ${below(1_000_000)}`,
      (cents / 100).toFixed(2),
      below(10_000),
      below(2) === 0 ? 't' : 'f',
      CATEGORIES[below(5)],
      day.slice(0, 10),
      `${day.slice(0, 10)} 0${below(10)}:15:00`,
      below(3) === 0 ? '' : `note ${below(1_000_000)}`,
    ];
    text += `${fields.join(',')}\n`;
    if (text.length < 1 << 18) continue;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(text);
  await finished(file);
  return sum;
}
