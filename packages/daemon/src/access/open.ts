/** Decides at startup how the API is protected, and refuses to run open to other machines. */
import { isIP } from 'node:net';
import { Failure } from '../failure.js';
import { anyToken } from '../sql/apiTokens.js';
import type { Pool } from '../sql/pool.js';
import { type Access, createAccess, type KnownToken } from './access.js';
import { localToken } from './localToken.js';

export interface Locks {
  /** Address to listen on. */
  host: string;
  /** API_TOKEN. */
  token: string | undefined;
  /** API_ALLOW_ANONYMOUS. */
  allowAnonymous: boolean;
  /** The data folder of a daemon that runs its own PostgreSQL: its own token is there. */
  ownDataDir: string | undefined;
}

/**
 * @returns who may use the API, and a description for the log
 * @throws {Failure} `configuration_invalid` if other machines could use it without a token, unless that was
 * explicitly allowed
 */
export async function openAccess(pool: Pool, locks: Locks): Promise<{ access: Access; summary: string }> {
  const { host, token, allowAnonymous, ownDataDir } = locks;
  if (allowAnonymous) {
    return {
      access: createAccess({ pool, known: [], anonymous: 'always' }),
      summary: 'nobody needs a token (API_ALLOW_ANONYMOUS)',
    };
  }
  const known: KnownToken[] = [];
  if (token !== undefined) known.push({ name: 'API_TOKEN', token });
  let summary = 'a token is needed';
  if (ownDataDir !== undefined) {
    const local = localToken(ownDataDir);
    known.push({ name: 'DATA_DIR/token', token: local.token });
    summary += `; one is in ${local.file}`;
  }
  if (known.length > 0) return { access: createAccess({ pool, known, anonymous: 'never' }), summary };
  if (isLoopback(host)) {
    return {
      access: createAccess({ pool, known, anonymous: 'until-first-token' }),
      summary: (await anyToken(pool))
        ? summary
        : 'this machine needs no token until the first one is created',
    };
  }
  if (await anyToken(pool)) return { access: createAccess({ pool, known, anonymous: 'never' }), summary };
  throw new Failure(
    'configuration_invalid',
    `API_HOST is ${host}, so other machines could use this daemon, and there is no token to keep them out
  set API_TOKEN to a secret (openssl rand -base64 32), listen on 127.0.0.1, or say API_ALLOW_ANONYMOUS=true`,
  );
}

/** Whether only this machine can reach a listening address. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1' || name === 'localhost' || name.endsWith('.localhost');
}
