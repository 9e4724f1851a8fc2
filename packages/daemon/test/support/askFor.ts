import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import type { ServerReply } from './globalSetup.js';

/** Asks the process that runs the tests for a server, which it starts if necessary. */
export async function askFor(name: 'postgres' | 'redis'): Promise<ServerReply> {
  const socket = connect(inject('testServers'));
  socket.write(`${name}\n`);
  const reply = JSON.parse(await text(socket)) as ServerReply;
  if ('error' in reply) throw new Error(`no ${name} for the tests: ${reply.error}`);
  return reply;
}
