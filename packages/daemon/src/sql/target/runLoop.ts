/**
 * Runs a PL/pgSQL loop that catches the errors of single rows. The loop rethrows what may be about a missing privilege or setting,
 * because only the client learns which function of PostgreSQL raised it, and so what it is about in any language. If it turns
 * out to be about the row (a violated policy), the loop runs again and keeps such a message as the row's reason.
 */
import type { Client } from '../pool.js';
import { countedNow, leaveOutSince } from '../undo/changedOthers.js';
import { Denied, isDenied, mayBeOfRow } from './denied.js';

/** The setting with the messages that are about rows, as an array of texts; local to the transaction. */
const OF_ROWS = 'csvjobs.messages_of_rows';
const ofRows = `coalesce(nullif(current_setting('${OF_ROWS}', true), ''), '{}')::text[]`;

/** A policy says the same of each row. Messages that differ from row to row are about rows: then the loop asks no more. */
const MOST_MESSAGES = 20;

/** What was found on a connection: each of its batches would find the same. */
const found = new WeakMap<Client, readonly string[]>();

/** SQL condition for the loop: nobody knows yet whether a message is about the row. */
export function isUnknown(says: string): string {
  return `cardinality(${ofRows}) < ${MOST_MESSAGES} and ${says} <> all (${ofRows})`;
}

/**
 * @throws {Denied} for an error about what the role lacks
 * @throws any other error that no row caused
 */
export async function runLoop(client: Client, loop: string): Promise<void> {
  const before = await countedNow(client);
  await client.query('savepoint csvjobs_loop');
  for (;;) {
    const known = found.get(client) ?? [];
    if (known.length > 0)
      await client.query(`select set_config('${OF_ROWS}', $1::text[]::text, true)`, [known]);
    try {
      await client.query(loop);
      break;
    } catch (error) {
      if (isDenied(error)) throw new Denied(error as object);
      const { message } = error as Error;
      if (!mayBeOfRow(error) || known.length >= MOST_MESSAGES || known.includes(message)) throw error;
      found.set(client, [...known, message]);
      await client.query('rollback to savepoint csvjobs_loop');
      await leaveOutSince(client, before);
    }
  }
  await client.query('release savepoint csvjobs_loop');
}
