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

/** Inserts a token. Returns null if an active token already has this name. */
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

/** A token as found for a request. */
export interface FoundToken {
  name: string;
  scope: TokenScope;
  tables: string[] | null;
  digest: Buffer;
}

/** Returns the active (not revoked) token with this digest. Records its last use at most once a minute. */
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

/** Returns whether any token exists, revoked ones included. */
export async function anyToken(db: Db): Promise<boolean> {
  const { rows } = await db.query<{ any: boolean }>('select exists (select from api_tokens) as any');
  return rows[0]!.any;
}

/** Lists all tokens, newest first, including revoked ones. */
export async function listTokens(db: Db): Promise<ApiToken[]> {
  const { rows } = await db.query<TokenRow>(
    `select ${COLUMNS} from api_tokens order by created_at desc, id desc`,
  );
  return rows.map(toToken);
}

/** Revokes a token. Returns null if no active token has this id (a UUID). */
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
