/** The api_tokens table. */
import type { ApiToken, TokenScope } from '@csvjobs/shared';
import type { Db } from './pool.js';

interface TokenRow {
  id: string;
  name: string;
  scope: TokenScope;
  tables: string[] | null;
  created_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

const COLUMNS = 'id, name, scope, tables, created_at, last_used_at, revoked_at';

/** Puts a token in. Null where a token in use has the name. */
export async function insertToken(
  db: Db,
  token: { name: string; scope: TokenScope; tables: readonly string[] | null; digest: Uint8Array },
): Promise<ApiToken | null> {
  const { rows } = await db.query<TokenRow>(
    `insert into api_tokens (name, scope, tables, digest) values ($1, $2, $3, $4)
     on conflict (name) where revoked_at is null do nothing returning ${COLUMNS}`,
    [token.name, token.scope, token.tables, token.digest],
  );
  return rows[0] ? toToken(rows[0]) : null;
}

/** A token as it comes in with a request. */
export interface FoundToken {
  name: string;
  scope: TokenScope;
  tables: string[] | null;
  digest: Buffer;
}

/** The token in use that has a digest; that it was used is noted, once a minute at most. */
export async function findToken(db: Db, digest: Uint8Array): Promise<FoundToken | null> {
  const { rows } = await db.query<FoundToken & { stale: boolean }>(
    `select name, scope, tables, digest, last_used_at is null or last_used_at < now() - interval '1 minute' as stale
     from api_tokens where digest = $1 and revoked_at is null`,
    [digest],
  );
  const found = rows[0];
  if (!found) return null;
  if (found.stale) await db.query('update api_tokens set last_used_at = now() where digest = $1', [digest]);
  return found;
}

/** Whether there is a token, or ever was one. */
export async function anyToken(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ any: boolean }>('select exists (select from api_tokens) as any');
  return rows[0]!.any;
}

/** All tokens, newest first, the revoked ones too. */
export async function listTokens(db: Db): Promise<ApiToken[]> {
  const { rows } = await db.query<TokenRow>(
    `select ${COLUMNS} from api_tokens order by created_at desc, id desc`,
  );
  return rows.map(toToken);
}

/** Takes a token out of use. Null where there is none in use with this id (a UUID). */
export async function revokeToken(db: Db, id: string): Promise<ApiToken | null> {
  const { rows } = await db.query<TokenRow>(
    `update api_tokens set revoked_at = now() where id = $1 and revoked_at is null returning ${COLUMNS}`,
    [id],
  );
  return rows[0] ? toToken(rows[0]) : null;
}

function toToken(row: TokenRow): ApiToken {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    tables: row.tables,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
