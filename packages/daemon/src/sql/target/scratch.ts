/**
 * Temporary tables of a batch. They are not dropped but put away, for the next batch of the same transaction, which empties them: a
 * table that is dropped stays locked to the end, and those of a few hundred batches fill PostgreSQL's table of locks. Most
 * transactions have one batch, and end with the table as it is.
 */
import { createHash } from 'node:crypto';
import type { Client } from '../pool.js';

/**
 * Makes a table in pg_temp, or takes up the one of the same columns. It ends with the transaction.
 * @param columns its definition, as it stands between the parentheses
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
  await client.query(`do ${client.escapeLiteral(body)}`);
}

/** Numbers start anew once more: what a sequence has given in a batch that was rolled back it does not give again. */
function takeUp(name: string, of: string): string {
  const away = putAway(name, of);
  return `truncate pg_temp.${away} restart identity; alter table pg_temp.${away} rename to ${name};`;
}

/** Puts a table away. @param of its columns, or its query */
export async function closeScratch(client: Client, name: string, of: string): Promise<void> {
  await client.query(`alter table pg_temp.${name} rename to ${putAway(name, of)}`);
}

/** The name of a table while no batch uses it. */
function putAway(name: string, of: string): string {
  return `${name}_${createHash('sha256').update(of).digest('hex').slice(0, 16)}`;
}
