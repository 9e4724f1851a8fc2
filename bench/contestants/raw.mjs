/** RAW: one psql \copy into the same table with the same indexes, the measure of all others. */
import { runTimed } from '../processes.mjs';

/** Whether psql is on the PATH. */
export const needs = { program: 'psql', hint: 'install a PostgreSQL client (Debian: postgresql-client)' };

/** Seconds. The file has job_id and row_number before the four columns of the others, and no header. */
export async function load({ connection, rawFile }) {
  const { host, port, user, database } = connection;
  const { seconds } = await runTimed('psql', [
    ...['-h', host, '-p', String(port), '-U', user, '-d', database, '-qX', '-v', 'ON_ERROR_STOP=1'],
    '-c',
    `\\copy customers (job_id, row_number, name, email, phone, company) from '${rawFile}' (format csv)`,
  ]);
  return { seconds };
}
