/** Who may use the API: tokens of the table, tokens the daemon was started with, or everybody. */
import { parseTablePattern, type TablePattern, type TokenScope } from '@csvjobs/shared';
import { anyToken, findToken } from '../sql/apiTokens.js';
import type { Pool } from '../sql/pool.js';
import { digestOf, sameDigest } from './token.js';

/** Who asks: `name` is what logs and limits tell callers apart by. */
export interface Caller {
  name: string;
  scope: TokenScope;
  /** The only tables that it is for; null for all of TARGET_TABLES. */
  tables: readonly TablePattern[] | null;
}

/** Whom a bearer token stands for; without a token it is undefined. Null where it gets nobody in. */
export type Access = (token: string | undefined) => Promise<Caller | null>;

/** A token that is not in the table. All of these are for admins. */
export interface KnownToken {
  name: string;
  token: string;
}

/**
 * Whether requests without a token are let in: `always` and as admins; `until-first-token` does so as long as the
 * table has never had a token; `never`.
 */
export type Anonymous = 'always' | 'until-first-token' | 'never';

const ANYBODY: Caller = { name: 'anonymous', scope: 'admin', tables: null };

export function createAccess(options: {
  pool: Pool;
  known: readonly KnownToken[];
  anonymous: Anonymous;
}): Access {
  const { pool, anonymous } = options;
  const known = options.known.map(({ name, token }) => ({ name, digest: digestOf(token) }));
  // A token that was ever in the table locks the door for good: revoking the last one must not open it again.
  let locked = anonymous === 'never';

  return async (token) => {
    if (anonymous === 'always') return ANYBODY;
    if (token !== undefined) {
      const digest = digestOf(token);
      const own = known.find((each) => sameDigest(each.digest, digest));
      if (own) return { name: own.name, scope: 'admin', tables: null };
      const found = await findToken(pool, digest);
      if (found && sameDigest(found.digest, digest)) {
        const tables = found.tables?.map(parseTablePattern) ?? null;
        return { name: `token:${found.name}`, scope: found.scope, tables };
      }
    }
    if (!locked) locked = await anyToken(pool);
    return locked ? null : ANYBODY;
  };
}
