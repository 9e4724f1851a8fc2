/** The connections of a load: how they are set up, and whether they may leave out what their batch has checked. */
import type { Job } from '@csvjobs/shared';
import type { RowKind } from './customers.js';
import type { HeldRows } from './heldRows.js';
import { holdJob, loaderName } from './jobProgress.js';
import { type Client, type Connection, connect, cut, type Pool } from './pool.js';
import { isPooled } from './pooler.js';

/** A lane waits this long for a row of another job's before all lanes step back (see pipeline/load.ts). */
export const LOCK_PATIENCE = '2s';

/**
 * A transaction that does nothing for this long belongs to a process that was stopped; it must not keep its rows
 * locked for ever. A lane that waits for its turn is idle for seconds at most.
 */
const IDLE_PATIENCE = '60s';

/** The same where all batches are one transaction, which is idle while the next one is read, and while rejects are written. */
const WHOLE_IDLE_PATIENCE = '15min';

/**
 * A backend that waits for rows of a COPY is at work, not idle: where its client's host is gone only TCP can find out, and
 * Linux asks after two hours by default. So it asks after 15 s, three times.
 */
const KEEP_ALIVE =
  'set tcp_keepalives_idle to 15; set tcp_keepalives_interval to 5; set tcp_keepalives_count to 3';

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

/** A session that loads. Whatever a transaction needs of it is set within that, and ends with it. */
export interface LoaderSession {
  client: Client;
  /** Begins a transaction. `patient`: waits for other jobs' rows, for minutes at a time. */
  begin(patient: boolean): Promise<void>;
  /** Takes back all that the transaction has done and begins it anew, on the same backend. */
  beginAnew(patient: boolean): Promise<void>;
  /**
   * Closes the connection. Whatever it waits for, a lock of another transaction too, ends within about a second, and
   * its transaction is rolled back.
   */
  close(): Promise<void>;
}

/** Where a lane writes its batches: each a transaction by itself, or a part of one (wholeLane.ts). */
export interface LaneConnection extends LoaderSession {
  /** Takes the rows. */
  client: Client;
  /** Takes the rejects and the progress of the batch; the same one, unless all batches are one transaction. */
  reports(): Promise<Client>;
  /** Within a batch: whether the job is still this attempt's, which then cannot be deleted until the end. */
  hold(): Promise<boolean>;
  /** Ends the batch. */
  commit(): Promise<void>;
  /** Ends a batch of which nothing shall stay; a broken connection has done so already. Never throws. */
  abandon(): Promise<void>;
  /** Cuts the connection: what is under way on it fails at once. */
  cut(): void;
  /** How a job ends whose batches are one transaction; undefined where each was committed. */
  whole: WholeEnd | undefined;
}

/** The end of a job whose batches are one transaction. */
export interface WholeEnd {
  /** Makes the rows visible and the job completed, in one moment. Null where the job is not this attempt's. */
  complete(): Promise<Job | null>;
  /** Takes all rows back, once nothing more could refuse them. @throws what would end `complete` */
  rollBack(): Promise<void>;
  /**
   * Keeps the transaction for an answer, once nothing more could refuse the rows; the connection of the reports is closed. From then on
   * the lane still closes it, unless it is forgotten. @throws what would end `complete`
   */
  hold(): Promise<HeldRows>;
}

/** What other connections of csvjobs see of a lane between two batches; within one it has the name of its attempt. */
const IDLE_NAME = 'csvjobs job loader';

export interface LaneSettings {
  job: string;
  attempt: number;
  skipForeignKey: boolean;
  /** All batches are one transaction. */
  whole: boolean;
  /** How long PostgreSQL may say nothing to a request, in ms. */
  silenceMs: number;
}

/** A lane whose batches are each a transaction. */
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

/** One on a connection of the pool's, where no further connection is to be had. */
export async function borrowSession(pool: Pool, settings: LaneSettings): Promise<LoaderSession> {
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

async function beginner(client: Client, { job, attempt, skipForeignKey, whole, silenceMs }: LaneSettings) {
  const pooled = await isPooled(client);
  // The settings that no transaction can hold, and only where the session is nobody else's: a lane has nothing to do
  // while the thread reads, for seconds where a file is full of blank lines.
  if (!pooled) await client.query(`set idle_session_timeout to '0'; ${KEEP_ALIVE}`);
  const name = loaderName(job, attempt, pooled);
  const settings = `
    set local application_name = '${name}';
    ${skipForeignKey ? 'set local session_replication_role = replica;' : ''}
    set local idle_in_transaction_session_timeout = '${whole ? WHOLE_IDLE_PATIENCE : IDLE_PATIENCE}';
    set local jit = off;
    -- Windows has no such event; elsewhere a lane whose connection is closed while it waits for a lock is gone soon.
    select set_config('client_connection_check_interval', '${GONE_AFTER}', true) where version() !~* 'visual c|mingw|windows';`;
  const send = async (begin: string, patient: boolean) => {
    // A server that says nothing for longer is taken for gone; its lock may be one that an atomic job holds for hours.
    const patience = patient ? `${Math.ceil(silenceMs / 2)}ms` : LOCK_PATIENCE;
    await client.query(`${begin}; ${settings} set local lock_timeout = '${patience}'`);
  };
  return {
    begin: (patient: boolean) => send('begin', patient),
    beginAnew: (patient: boolean) => send('rollback and chain', patient),
  };
}

/**
 * Within a batch's transaction: makes the staging tables of a kind of rows, or empties those of an earlier batch of it. They end
 * with the transaction, for behind a pooler the next one of this session may be anybody's; and so few batches need them that each
 * transaction makes its own.
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
      create temp table if not exists ${stage}_${kind} (
        id uuid, job_id uuid, row_number bigint, name text, email text collate "C", phone text, company text
      ) on commit drop;
      truncate ${stage}_${kind};`,
    )
    .join('');
}
