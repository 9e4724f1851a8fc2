/** The tables of the peer: POST /api/tables. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type NewTable, newTableSchema, readNewTableName } from '@csvjobs/shared';
import { json, refuse } from './answers.js';

export class PeerTables {
  readonly made: NewTable[] = [];

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = newTableSchema.parse(JSON.parse(await text(request)));
    if (this.made.some(({ table }) => table === asked.table))
      return refuse(response, 'table_exists', `${asked.table} exists already.`);
    this.made.push(asked);
    const { schema = 'public', name } = readNewTableName(asked.table)!;
    return json(response, 201, { table: { schema, name } });
  }
}
