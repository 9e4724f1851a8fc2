/** Who may use the API: tokens of the table, tokens the daemon was started with, or everyone. */
import { parseTablePattern, type TablePattern, type TokenScope } from '@csvjobs/shared';
import { anyToken, findToken } from '../sql/apiTokens.js';
import type { Pool } from '../sql/pool.js';
import { digestOf, sameDigest } from './token.js';

/** A caller: `name` identifies it in logs and limits. */
export interface Caller {
  name: string;
  scope: TokenScope;
  /** The only tables that it may use; null for all of TARGET_TABLES. */
  tables: readonly TablePattern[] | null;
}

/** Returns the caller of a bearer token (undefined: without a token). Null if it gives no access. */
export type Access = (token: string | undefined) => Promise<Caller | null>;

/** A token that is not in the table. All of these are for admins. */
export interface KnownToken {
  name: string;
  token: string;
}

/**
 * Whether requests without a token are accepted: `always`, with admin rights; `until-first-token`, likewise
 * as long as the table has never had a token; `never`.
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
  // The first token in the table ends anonymous use for good: revoking the last one must not restore it.
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
