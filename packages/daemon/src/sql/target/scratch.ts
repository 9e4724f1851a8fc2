/**
 * Temporary tables of a batch. They are not dropped but renamed, for the next batch of the same transaction, which
 * empties them: a dropped table stays locked until the end, and those of a few hundred batches fill PostgreSQL's lock
 * table. Most transactions have one batch, and just end with the table.
 */
import { createHash } from 'node:crypto';
import type { Client } from '../pool.js';
import { doBlock } from './doBlock.js';

/**
 * Creates a table in pg_temp, or reuses one with the same columns. It lasts as long as the transaction.
 * @param columns its definition, as between the parentheses of CREATE TABLE
 */
export function openScratch(client: Client, name: string, columns: string): Promise<void> {
  const create = `create temporary table ${name} (${columns}) on commit drop;`;
  return open(client, putAway(name, columns), { create, takeUp: takeUp(name, columns) });
}

/** The same for a table with the rows and the columns of a query. */
export function openFilled(client: Client, name: string, query: string): Promise<void> {
  const create = `create temporary table ${name} on commit drop as ${query};`;
  const fill = `insert into pg_temp.${name} ${query};`;
  return open(client, putAway(name, query), { create, takeUp: `${takeUp(name, query)} ${fill}` });
}

async function open(
  client: Client,
  away: string,
  { create, takeUp }: { create: string; takeUp: string },
): Promise<void> {
  const body = `begin if to_regclass('pg_temp.${away}') is null then ${create} else ${takeUp} end if; end`;
  await client.query(doBlock(body));
}

/** Restarts the numbering, because a sequence never repeats numbers that it gave to a batch that was rolled back. */
function takeUp(name: string, of: string): string {
  const away = putAway(name, of);
  return `truncate pg_temp.${away} restart identity; alter table pg_temp.${away} rename to ${name};`;
}

/** Puts a table aside for reuse. @param of its columns, or its query */
export async function closeScratch(client: Client, name: string, of: string): Promise<void> {
  await client.query(`alter table pg_temp.${name} rename to ${putAway(name, of)}`);
}

/** The name of a table while no batch uses it. */
function putAway(name: string, of: string): string {
  return `${name}_${createHash('sha256').update(of).digest('hex').slice(0, 16)}`;
}
