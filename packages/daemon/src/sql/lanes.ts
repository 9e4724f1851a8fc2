/** The connections of a load: how they are set up, and whether they may skip what their batch has already checked. */
import type { Job } from '@csvjobs/shared';
import { loaderName } from './attempts.js';
import type { RowKind } from './customers.js';
import type { HeldRows } from './heldRows.js';
import { holdJob } from './jobProgress.js';
import { type Client, type Connection, connect, cut, type Pool } from './pool.js';
import { isPooled } from './pooler.js';

/** How long a lane waits for a row that another job has locked, before all lanes step back (see pipeline/load.ts). */
export const LOCK_PATIENCE = '2s';

/**
 * A transaction that is idle for this long belongs to a stopped process. It must not keep its rows locked. A lane
 * that waits for its turn is idle for a few seconds at most.
 */
const IDLE_PATIENCE = '60s';

/** The same if all batches are one transaction. It is idle while batches are read and while rejects are written. */
const WHOLE_IDLE_PATIENCE = '15min';

/**
 * A backend that waits for rows of a COPY counts as active, not idle. If its client's host is gone, only TCP can find
 * out, and Linux first probes after two hours by default. This probes after 15 s idle, three times at most.
 */
const KEEP_ALIVE =
  'set tcp_keepalives_idle to 15; set tcp_keepalives_interval to 5; set tcp_keepalives_count to 3';

/**
 * How often an active backend checks whether its client is still there (PostgreSQL,
 * client_connection_check_interval).
 */
const GONE_AFTER = '1s';

/**
 * Returns whether lanes may use `session_replication_role = replica`. It skips the trigger of the foreign key to
 * jobs, which costs a quarter of a load; each batch takes one `for key share` lock on its job instead. It also skips
 * the user's own triggers, so it is not allowed if there are any.
 */
export async function maySkipForeignKey(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ may: boolean }>(`
    select has_parameter_privilege('session_replication_role', 'SET') and not exists (
      select from pg_trigger t left join pg_constraint c on c.oid = t.tgconstraint
      where t.tgrelid in ('customers'::regclass, 'job_errors'::regclass)
        and c.confrelid is distinct from 'jobs'::regclass
    ) as may`);
  return rows[0]!.may;
}

/**
 * Runs `work` without the trigger of the foreign key to jobs, within a transaction that holds its job; only if
 * `maySkipForeignKey`. This saves a third of the cost of a rejected row. The transaction's other statements keep all
 * triggers.
 */
export async function withoutForeignKey<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('set local session_replication_role = replica');
  const result = await work();
  await client.query('set local session_replication_role to default');
  return result;
}

/** A session that loads. Its settings are set in each transaction and end with it. */
export interface LoaderSession {
  client: Client;
  /** Begins a transaction. `patient`: waits for rows of other jobs, for minutes at a time. */
  begin(patient: boolean): Promise<void>;
  /** Rolls back the transaction and begins it again, on the same backend. */
  restart(patient: boolean): Promise<void>;
  /**
   * Closes the connection. If its backend waits for something, even a lock of another transaction, that stops within
   * about a second. Its transaction is rolled back.
   */
  close(): Promise<void>;
}

/** Where a lane writes its batches: each as its own transaction, or as a part of one (wholeLane.ts). */
export interface LaneConnection extends LoaderSession {
  /** Takes the rows. */
  client: Client;
  /** Takes the rejects and the progress of the batch; the same client, unless all batches are one transaction. */
  reports(): Promise<Client>;
  /** Within a batch: returns whether the job is still this attempt's, and protects it from deletion until the end. */
  hold(): Promise<boolean>;
  /** Commits the batch. */
  commit(): Promise<void>;
  /** Discards the batch; on a broken connection that has happened already. Never throws. */
  abandon(): Promise<void>;
  /** Cuts the connection: the statement under way fails at once. */
  cut(): void;
  /** How to end a job whose batches are one transaction; undefined if each batch is committed. */
  whole: WholeEnd | undefined;
}

/** The end of a job whose batches are one transaction. */
export interface WholeEnd {
  /** Makes the rows visible and completes the job, atomically. Returns null if the job is not this attempt's. */
  complete(): Promise<Job | null>;
  /** Rolls back all rows, after all deferred checks have passed. @throws the error that `complete` would fail with */
  rollBack(): Promise<void>;
  /**
   * Keeps the transaction open for an answer, after all deferred checks have passed, and closes the reports
   * connection. The lane can still close the transaction, unless its caller drops the lane.
   * @throws the error that `complete` would fail with
   */
  hold(): Promise<HeldRows>;
}

/** The name that other csvjobs connections see for a lane between batches; within a batch it is its attempt's. */
const IDLE_NAME = 'csvjobs job loader';

export interface LaneSettings {
  job: string;
  attempt: number;
  skipForeignKey: boolean;
  /** All batches are one transaction. */
  whole: boolean;
  /** How long PostgreSQL may leave a request unanswered, in ms. */
  silenceMs: number;
}

/** Returns a lane in which each batch is a transaction. */
export function laneOf(session: LoaderSession, { job, attempt }: LaneSettings): LaneConnection {
  const { client } = session;
  return {
    ...session,
    reports: async () => client,
    hold: () => holdJob(client, job, attempt),
    commit: async () => void (await client.query('commit')),
    abandon: async () => void (await client.query('rollback').catch(() => {})),
    cut: () => cut(client),
    whole: undefined,
  };
}

/** Opens a session that loads. */
export async function openSession(connection: Connection, settings: LaneSettings): Promise<LoaderSession> {
  const client = await connect(connection, IDLE_NAME);
  const close = () => client.end().catch(() => {});
  try {
    return { client, ...(await beginner(client, settings)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Uses a connection of the pool, if no other connection is available. */
export async function borrowSession(pool: Pool, settings: LaneSettings): Promise<LoaderSession> {
  const client = await pool.connect();
  try {
    // The pool's clients are of the same class as any of ours; its type says less (see createPool).
    const begins = await beginner(client as unknown as Client, settings);
    // Destroys the connection on release: a batch may still be open.
    return { client: client as unknown as Client, ...begins, close: async () => client.release(true) };
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function beginner(client: Client, { job, attempt, skipForeignKey, whole, silenceMs }: LaneSettings) {
  const pooled = await isPooled(client);
  // Settings that last longer than a transaction, set only if the session is exclusively ours. A lane may be idle
  // for seconds while the thread reads, for example a file full of blank lines.
  if (!pooled) await client.query(`set idle_session_timeout to '0'; ${KEEP_ALIVE}`);
  const name = loaderName(job, attempt, pooled);
  const settings = `
    set local application_name = '${name}';
    ${skipForeignKey ? 'set local session_replication_role = replica;' : ''}
    set local idle_in_transaction_session_timeout = '${whole ? WHOLE_IDLE_PATIENCE : IDLE_PATIENCE}';
    -- Windows has no such event; elsewhere a lane whose connection is closed while it waits for a lock is gone soon.
    select set_config('client_connection_check_interval', '${GONE_AFTER}', true) where version() !~* 'visual c|mingw|windows';`;
  const send = async (begin: string, patient: boolean) => {
    // A server that says nothing for longer is taken for dead, although an atomic job may hold the lock for hours.
    const patience = patient ? `${Math.ceil(silenceMs / 2)}ms` : LOCK_PATIENCE;
    await client.query(`${begin}; ${settings} set local lock_timeout = '${patience}'`);
  };
  return {
    begin: (patient: boolean) => send('begin', patient),
    restart: (patient: boolean) => send('rollback and chain', patient),
  };
}

/**
 * Within a batch's transaction: creates the staging tables for a kind of rows, or empties those of an earlier batch.
 * They last as long as the transaction, because behind a pooler the session's next transaction may belong to another
 * client. Few batches need them, so creating them in each transaction is cheap enough.
 */
export async function openStaging(client: Client, kind: RowKind): Promise<void> {
  await client.query(`
    -- Duplicates are looked up by index whatever the statistics say: they are of a table that was just filled.
    set local enable_seqscan = off; set local enable_bitmapscan = off;
    set local enable_hashjoin = off; set local enable_mergejoin = off;
    ${stagingTables(kind)}`);
}

/** Rows to insert (`staged_…`), and those of them whose e-mail is still free (`unclaimed_…`). */
function stagingTables(kind: string): string {
  return ['staged', 'unclaimed']
    .map(
      (stage) => `
      create temp table if not exists ${stage}_${kind} (
        id uuid, job_id uuid, row_number bigint, name text, email text collate "C", phone text, company text
      ) on commit drop;
      truncate ${stage}_${kind};`,
    )
    .join('');
}
