/**
 * A table other than customers: a key of two columns, a foreign key, checks on one column and on two, and types that
 * are parsed in different ways.
 */
import type { LoadedTable } from './loadedTable.js';

/** Products of lines: P0 to P39. */
export const PRODUCTS = 40;

const TABLES = `
  create schema if not exists shop;
  do $$ begin create type shop.state as enum ('open', 'packed', 'sent'); exception when duplicate_object then end $$;
  create table if not exists shop.products (sku text primary key);
  insert into shop.products select 'P' || n from generate_series(0, ${PRODUCTS - 1}) n on conflict do nothing;
  create table if not exists shop.lines (
    order_ref text, line int, sku text not null references shop.products, quantity int not null check (quantity > 0),
    price numeric(10,2) not null, sent_on date, state shop.state not null default 'open', note text,
    seq int not null, constraint sent_has_a_date check (state <> 'sent' or sent_on is not null),
    primary key (order_ref, line)
  )`;

/** `known` has keys like `order-a-k,7`. Existing rows have no position in a file: their `seq` is 0. */
export const LINES: LoadedTable = {
  name: 'shop.lines',
  into: 'shop.lines',
  prepare: async (pool, known) => {
    await pool.query(TABLES);
    await pool.query(
      `insert into shop.lines (order_ref, line, sku, quantity, price, seq)
       select split_part(key, ',', 1), split_part(key, ',', 2)::int, 'P0', 1, 1, 0 from unnest($1::text[]) key on conflict do nothing`,
      [known],
    );
  },
  empty: async (pool) => {
    await pool.query('truncate shop.lines');
  },
  rowsOf: async (pool, { owner }) => {
    const { rows } = await pool.query({
      text: `select seq, order_ref, line, sku, quantity, price::text, sent_on::text, state::text, note from shop.lines
             where order_ref like $1 and seq > 0 order by seq, order_ref, line`,
      values: [`order-${owner}-%`],
      rowMode: 'array',
    });
    return rows as unknown as [number, ...(string | null)[]][];
  },
};
