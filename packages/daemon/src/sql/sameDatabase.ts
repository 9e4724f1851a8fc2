import { randomInt } from 'node:crypto';
import { Failure } from '../failure.js';
import { type Client, type Connection, connect, type Db, type Pool } from './pool.js';
import { named } from './reach/way.js';

/** Upper limit of Node's randomInt. */
const KEYS = 2 ** 47;

/**
 * Checks that the direct route works now and leads to the pool's database.
 * @param patienceMs maximum time to connect
 * @throws {Failure} `databases_differ`; or the error that prevents the connection
 */
export async function reachDirectly(pool: Pool, direct: Connection, patienceMs: number): Promise<void> {
  const patient = { ...direct, connectionTimeoutMillis: patienceMs, silenceMs: patienceMs };
  const holder = await connect(patient, 'csvjobs look');
  try {
    if (await isFreeBeside(holder, pool)) throw differ(undefined, direct);
  } finally {
    void holder.end().catch(() => {});
  }
}

/**
 * Proves that two routes lead to one database: a lock taken over one is visible over the other. A copy has the same
 * identity (identity.ts), but separate locks.
 * @throws {Failure} `databases_differ`; or the error that prevents either connection
 */
export async function assertSameDatabase(connection: Connection, direct: Connection): Promise<void> {
  const holder = await connect(direct, 'csvjobs look');
  try {
    const other = await connect(connection, 'csvjobs look');
    try {
      if (await isFreeBeside(holder, other)) throw differ(connection, direct);
    } finally {
      await other.end();
    }
  } finally {
    await holder.end();
  }
}

/** Returns whether a lock that `holder` has taken is free for `other`. */
async function isFreeBeside(holder: Client, other: Db): Promise<boolean> {
  const key = randomInt(KEYS);
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock($1::bigint)', [key]);
  const { rows } = await other.query<{ isFree: boolean }>(
    'select pg_try_advisory_xact_lock($1::bigint) as "isFree"',
    [key],
  );
  await holder.query('rollback');
  return rows[0]!.isFree;
}

function differ(connection: Connection | undefined, direct: Connection): Failure {
  return new Failure(
    'databases_differ',
    `DATABASE_DIRECT_URL (${hostsOf(direct)}) leads to a different database than DATABASE_URL or DB_HOST${connection ? ` (${hostsOf(connection)})` : ''}
  set it to the server and database behind the pooler, or leave it out`,
  );
}

function hostsOf({ way }: Connection): string {
  return way?.hosts.map(named).join(', ') ?? 'the private server';
}
