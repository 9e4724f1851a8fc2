/** A real PgBouncer in front of a test's PostgreSQL. It closes sessions after an idle second. */
import { execFileSync } from 'node:child_process';
import { appendFile, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { chooseOwner, chooseRunAs } from '../../src/embedded/postgres/privileges.js';
import { answers, dyingWithParent, end, type PostgresAddress, start, until } from './servers.js';

export interface PgBouncer {
  /** To use instead of the PostgreSQL behind it. */
  connection: PostgresAddress;
  /** Allows another role. */
  know(role: string): Promise<void>;
  stop(): Promise<void>;
}

/** Debian has it in /usr/sbin, which is not on every user's PATH. */
const PROGRAM = ['pgbouncer', '/usr/sbin/pgbouncer'].find((program) => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Whether it is installed; `npm test` installs it if allowed (scripts/setup.mjs). Prints a message if not. */
export function hasPgBouncer(): boolean {
  if (!PROGRAM) {
    process.stderr.write(
      'SKIPPED: no pgbouncer on this machine; Debian has it (apt-get install pgbouncer)\n',
    );
  }
  return PROGRAM !== undefined;
}

/** Starts one in transaction mode; `settings` are for the section [pgbouncer] of pgbouncer.ini(5). */
export async function startPgBouncer(
  server: PostgresAddress,
  settings: Record<string, string> = {},
): Promise<PgBouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-bouncer-'));
  try {
    const owner = chooseOwner(folder);
    const all = {
      listen_addr: '',
      listen_port: '6432',
      unix_socket_dir: folder,
      auth_type: 'trust',
      auth_file: join(folder, 'users'),
      admin_users: server.user,
      pool_mode: 'transaction',
      server_idle_timeout: '1',
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
    const file = join(folder, 'pgbouncer.ini');
    await writeFile(
      file,
      `[databases]\n* = host=${server.host} port=${server.port}\n[pgbouncer]\n${lines.join('\n')}\n`,
    );
    await writeFile(join(folder, 'users'), `"${server.user}" ""\n`);
    // It refuses to run as root, like PostgreSQL.
    if (owner) await chown(folder, owner.uid, owner.gid);
    const as = chooseRunAs(owner, PROGRAM!, [folder]);
    const [command, args] = as.command(...dyingWithParent(PROGRAM!, [file], 'TERM'));
    const child = start(command, args, { ...as.options, cwd: folder });
    await until(() => answers(join(folder, '.s.PGSQL.6432')), child);
    return {
      connection: { ...server, host: folder, port: 6432 },
      know: async (role) => {
        await appendFile(join(folder, 'users'), `\n"${role}" ""\n`);
        // The console's role: once the console answers, the command is done.
        const console = new pg.Client({ host: folder, port: 6432, user: server.user, database: 'pgbouncer' });
        await console.connect();
        await console.query('RELOAD');
        await console.end();
      },
      stop: async () => {
        // TERM ends it at once; INT waits for its clients.
        await end(child.process, 'SIGTERM');
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
