/** The connections of a load: how they are set up, and whether they may leave out what their batch has checked. */
import { type Client, type Connection, connect, type Pool } from './pool.js';

/** A lane waits this long for a row of another job's before all lanes step back (see pipeline/load.ts). */
export const LOCK_PATIENCE = '2s';

/**
 * A transaction that does nothing for this long belongs to a process that was stopped; it must not keep its rows
 * locked for ever. A lane that waits for its turn is idle for seconds at most.
 */
const IDLE_PATIENCE = '60s';

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

/** Opens a lane's connection, ready for the statements of customers.ts. */
export async function openLane(
  connection: Connection,
  name: string,
  skipForeignKey: boolean,
): Promise<Client> {
  const client = await connect(connection, name);
  try {
    await client.query(`
      ${skipForeignKey ? 'set session_replication_role = replica;' : ''}
      set lock_timeout = '${LOCK_PATIENCE}';
      set idle_in_transaction_session_timeout = '${IDLE_PATIENCE}';
      set jit = off;
      -- Duplicates are looked up by index whatever the statistics say: they are of a table that was just filled.
      set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off; set enable_mergejoin = off;
      ${['direct', 'suspect'].map(stagingTables).join('')}`);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Rows on their way (`staged_…`), and those of them whose e-mail nobody has yet (`unclaimed_…`). */
function stagingTables(kind: string): string {
  return ['staged', 'unclaimed']
    .map(
      (stage) => `
      create temp table ${stage}_${kind} (
        id uuid, job_id uuid, row_number bigint, name text, email text collate pg_c_utf8, phone text, company text
      ) on commit delete rows;`,
    )
    .join('');
}
