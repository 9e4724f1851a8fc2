/** A primary and a standby that streams from it, created with PostgreSQL's own low-level backup (chapter 25.3.4). */
import { execFile } from 'node:child_process';
import { chown, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type PrivatePostgres, startPostgres } from './servers.js';
import { onPort } from './tlsPostgres.js';

export interface Replicated {
  primary: PrivatePostgres;
  standby: PrivatePostgres;
  /** Both hosts, in the order primary, standby, as for libpq. */
  url: string;
  /** From now on a commit waits until the standby has it on disk. */
  synchronize(): Promise<void>;
  /** Disconnects the standby from the primary. */
  separate(): Promise<void>;
  /** Promotes the standby, and waits until it accepts writes. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

export async function startReplicated(): Promise<Replicated> {
  const settings = { synchronous_commit: 'on', wal_keep_size: '256MB', max_connections: '60' };
  const primary = await startPostgres({ ...(await onPort()), ...settings });
  const { port } = primary.connection;
  const standby = await startPostgres({ ...(await onPort()), ...settings }, undefined, {
    fill: (data) => copyInto(data, primary),
  });
  const on = async (server: PrivatePostgres, sql: string) => {
    const client = new pg.Client(server.connection);
    await client.connect();
    try {
      return (await client.query(sql)).rows[0] as Record<string, unknown> | undefined;
    } finally {
      await client.end();
    }
  };
  const becomes = async (server: PrivatePostgres, condition: string) => {
    while (!(await on(server, `select (${condition}) as it`))?.it) await promisify(setTimeout)(20);
  };
  await becomes(primary, `exists (select from pg_stat_replication where state = 'streaming')`);
  return {
    primary,
    standby,
    url: `postgres://postgres@127.0.0.1:${port},127.0.0.1:${standby.connection.port}/postgres`,
    async synchronize() {
      await on(primary, `alter system set synchronous_standby_names = 'standby'`);
      await on(primary, 'select pg_reload_conf()');
      await becomes(primary, `exists (select from pg_stat_replication where sync_state = 'sync')`);
    },
    async separate() {
      await on(standby, `alter system set primary_conninfo = ''`);
      await on(standby, 'select pg_reload_conf()');
      await becomes(standby, 'not exists (select from pg_stat_wal_receiver)');
    },
    async promote() {
      await on(standby, 'select pg_promote()');
      await becomes(standby, 'not pg_is_in_recovery()');
    },
    async stop() {
      await standby.stop('immediate');
      await primary.stop('immediate');
    },
  };
}

async function copyInto(data: string, primary: PrivatePostgres): Promise<void> {
  const client = new pg.Client(primary.connection);
  await client.connect();
  try {
    const { rows } = await client.query('show data_directory');
    const from = rows[0].data_directory as string;
    await client.query(`select pg_backup_start('standby', fast => true)`);
    await promisify(execFile)('cp', ['--archive', from, data]);
    const stopped = await client.query('select labelfile from pg_backup_stop(wait_for_archive => false)');
    await rm(join(data, 'postmaster.pid'), { force: true });
    const { uid, gid } = await stat(from);
    const files = {
      backup_label: stopped.rows[0].labelfile as string,
      'standby.signal': '',
      'postgresql.auto.conf': `primary_conninfo = 'host=127.0.0.1 port=${primary.connection.port} user=postgres application_name=standby'\n`,
    };
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(data, name), text);
      await chown(join(data, name), uid, gid);
    }
  } finally {
    await client.end();
  }
}
