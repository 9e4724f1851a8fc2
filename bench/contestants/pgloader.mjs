/** pgloader, the usual tool for loading files that are not clean: rows that PostgreSQL refuses go to a file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTimed } from '../processes.mjs';
import { RAW_JOB, sql } from '../server.mjs';

export const needs = { program: 'pgloader', hint: 'install pgloader (Debian: pgloader)' };

/** Seconds. The job comes from a default for the time of the run, as the file has no such column. */
export async function load({ connection, file, folder }) {
  const { host, port, user, database } = connection;
  await sql(connection, `alter table customers alter column job_id set default '${RAW_JOB}'`);
  const commands = join(folder, 'pgloader.load');
  writeFileSync(
    commands,
    `load csv from '${file}' (name, email, phone, company)
     into postgresql://${user}@unix:${host}:${port}/${database}
     target table public.customers (name, email, phone, company)
     with skip header = 1, fields optionally enclosed by '"', fields escaped by double-quote,
          fields terminated by ',', batch rows = 25000, prefetch rows = 100000;\n`,
  );
  try {
    const { seconds } = await runTimed('pgloader', [
      '--root-dir',
      join(folder, 'pgloader'),
      '--quiet',
      commands,
    ]);
    return { seconds };
  } finally {
    await sql(connection, 'alter table customers alter column job_id drop default');
  }
}
