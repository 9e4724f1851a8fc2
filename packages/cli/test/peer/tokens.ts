/** The peer's tokens: GET, POST and DELETE /api/tokens. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type ApiToken, type NewToken, paths } from '@csvjobs/shared';
import { json, refuse } from './answers.js';

export class PeerTokens {
  readonly #tokens: ApiToken[] = [];

  add({ name, scope = 'write', tables }: NewToken): ApiToken {
    const createdAt = new Date().toISOString();
    const id = randomUUID();
    const token = { id, name, scope, tables: tables ?? null, createdAt, lastUsedAt: null, revokedAt: null };
    this.#tokens.unshift(token);
    return token;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    if (method === 'GET') return json(response, 200, this.#tokens);
    if (method === 'POST') {
      const made = this.add(JSON.parse(await text(request)) as NewToken);
      response.setHeader('location', paths.token(made.id));
      return json(response, 201, { ...made, token: `csvjobs_${made.id}` });
    }
    const token = this.#tokens.find(({ id, revokedAt }) => url === paths.token(id) && revokedAt === null);
    if (!token) return refuse(response, 'token_not_found', 'There is no such token in use.');
    token.revokedAt = new Date().toISOString();
    return json(response, 200, token);
  }
}
