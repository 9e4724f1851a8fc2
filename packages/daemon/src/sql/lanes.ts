/** The connections of a load: how they are set up, and whether they may leave out what their batch has checked. */
import type { RowKind } from './customers.js';
import { loaderName } from './jobProgress.js';
import { type Client, type Connection, connect, type Pool } from './pool.js';
import { isPooled } from './pooler.js';

/** A lane waits this long for a row of another job's before all lanes step back (see pipeline/load.ts). */
export const LOCK_PATIENCE = '2s';

/**
 * A transaction that does nothing for this long belongs to a process that was stopped; it must not keep its rows
 * locked for ever. A lane that waits for its turn is idle for seconds at most.
 */
const IDLE_PATIENCE = '60s';

/** How often a backend at work looks whether its client is still there (PostgreSQL, client_connection_check_interval). */
const GONE_AFTER = '1s';

/**
 * Whether lanes may run with `session_replication_role = replica`: it leaves out the trigger of the foreign key to
 * jobs, which costs a quarter of a load, and which each batch makes up for with one `for key share` on its job. It
 * leaves out a user's own triggers too, so not where there are any.
 */
export async function maySkipForeignKey(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ may: boolean }>(`
    select has_parameter_privilege('session_replication_role', 'SET') and not exists (
      select from pg_trigger t left join pg_constraint c on c.oid = t.tgconstraint
      where t.tgrelid in ('customers'::regclass, 'job_errors'::regclass)
        and (c.oid is null or c.contype <> 'f' or c.confrelid <> 'jobs'::regclass)
    ) as may`);
  return rows[0]!.may;
}

/**
 * Does something without the trigger of the foreign key to jobs, within a transaction that holds its job, and where
 * `maySkipForeignKey`: a third of what a rejected row costs. All other triggers of the transaction stay.
 */
export async function withoutForeignKey<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('set local session_replication_role = replica');
  const result = await work();
  await client.query('set local session_replication_role to default');
  return result;
}

/** A lane's connection. Whatever a batch needs of it is set within its transaction, and ends with it. */
export interface LaneConnection {
  client: Client;
  /** Begins a batch's transaction. `patient`: waits for other jobs' rows as long as it takes. */
  begin(patient: boolean): Promise<void>;
  /** Takes back all that the batch's transaction has done and begins it anew, on the same backend. */
  beginAnew(patient: boolean): Promise<void>;
  /**
   * Closes the connection. Whatever it waits for, a lock of another transaction too, ends within about a second, and
   * its transaction is rolled back.
   */
  close(): Promise<void>;
}

/** What other connections of csvjobs see of a lane between two batches; within one it has the name of its attempt. */
const IDLE_NAME = 'csvjobs job loader';

export interface LaneSettings {
  job: string;
  attempt: number;
  skipForeignKey: boolean;
}

/** Opens a lane's connection. */
export async function openLane(connection: Connection, settings: LaneSettings): Promise<LaneConnection> {
  const client = await connect(connection, IDLE_NAME);
  const close = () => client.end().catch(() => {});
  try {
    return { client, ...(await beginner(client, settings)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A connection of the pool's as a lane, where no further connection is to be had. */
export async function borrowLane(pool: Pool, settings: LaneSettings): Promise<LaneConnection> {
  const client = await pool.connect();
  try {
    // The pool's clients are of the same class as any of ours; its type says less (see createPool).
    const begins = await beginner(client as unknown as Client, settings);
    // Not to be used again: a batch may have been left open.
    return { client: client as unknown as Client, ...begins, close: async () => client.release(true) };
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function beginner(client: Client, { job, attempt, skipForeignKey }: LaneSettings) {
  const pooled = await isPooled(client);
  // The one setting that no transaction can hold, and only where the session is nobody else's: a lane has nothing to do
  // while the thread reads, for seconds where a file is full of blank lines.
  if (!pooled) await client.query(`set idle_session_timeout to '0'`);
  const name = loaderName(job, attempt, pooled);
  const settings = `
    set local application_name = '${name}';
    ${skipForeignKey ? 'set local session_replication_role = replica;' : ''}
    set local idle_in_transaction_session_timeout = '${IDLE_PATIENCE}';
    set local jit = off;
    -- Windows has no such event; elsewhere a lane whose connection is closed while it waits for a lock is gone soon.
    select set_config('client_connection_check_interval', '${GONE_AFTER}', true) where version() !~* 'visual c|mingw|windows';`;
  const send = async (begin: string, patient: boolean) => {
    const patience = patient ? '' : `set local lock_timeout = '${LOCK_PATIENCE}'`;
    await client.query(`${begin}; ${settings} ${patience}`);
  };
  return {
    begin: (patient: boolean) => send('begin', patient),
    beginAnew: (patient: boolean) => send('rollback and chain', patient),
  };
}

/**
 * Within a batch's transaction: makes the staging tables of a kind of rows. They end with the transaction, for behind a
 * pooler the next one of this session may be anybody's; and so few batches need them that each makes its own.
 */
export async function openStaging(client: Client, kind: RowKind): Promise<void> {
  await client.query(`
    -- Duplicates are looked up by index whatever the statistics say: they are of a table that was just filled.
    set local enable_seqscan = off; set local enable_bitmapscan = off;
    set local enable_hashjoin = off; set local enable_mergejoin = off;
    ${stagingTables(kind)}`);
}

/** Rows on their way (`staged_…`), and those of them whose e-mail nobody has yet (`unclaimed_…`). */
function stagingTables(kind: string): string {
  return ['staged', 'unclaimed']
    .map(
      (stage) => `
      create temp table ${stage}_${kind} (
        id uuid, job_id uuid, row_number bigint, name text, email text collate "C", phone text, company text
      ) on commit drop;`,
    )
    .join('');
}
