import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { RECOVERY } from '@csvjobs/shared/paths';
import pg from 'pg';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { processIdentity } from '../../src/embedded/processes.js';
import { inShortIf, LONG } from '../support/form.js';
import {
  kill,
  pidIn,
  query,
  removeUsed,
  start,
  startHolder,
  temporaryFolder,
  usedFolder,
  warnings,
  withRedis,
} from './fixtures.js';

afterAll(removeUsed);

describe('the embedded servers', () => {
  it('start in an empty folder, keep their data across a restart, and leave nothing running', async () => {
    const dataDir = join(temporaryFolder(), 'made when missing');
    const first = await start(dataDir);
    await query(first, 'create table kept (n int)');
    await query(first, 'insert into kept values (42)');
    await withRedis(first, (redis) => redis.set('kept', 'too'));
    const pids = [pidIn(dataDir, 'postgres/data/postmaster.pid'), pidIn(dataDir, 'redis/redis.pid')];
    await Promise.all([first.close(), first.close()]);
    await first.close();
    for (const pid of pids) expect(await processIdentity(pid)).toBeUndefined();
    expect(existsSync(first.redis!.path)).toBe(false);
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'redis']);

    const second = await start(dataDir);
    expect(await query(second, 'select n from kept')).toEqual([{ n: 42 }]);
    expect(await withRedis(second, (redis) => redis.get('kept'))).toBe('too');
  });

  // The short form has the first, which is the harder case: PostgreSQL's user may not enter that folder.
  for (const [where, mode] of [
    ['closed to other users, as under /root', 0o700],
    ['open to other users', 0o755],
  ] as const)
    it(
      `run in a folder ${where}, PostgreSQL never as root, and leave the folder’s mode unchanged`,
      inShortIf(mode === 0o700),
      async () => {
        const folder = temporaryFolder();
        chmodSync(folder, mode);
        const embedded = await start(join(folder, 'data'));
        expect(await query(embedded, 'select 1 as one')).toEqual([{ one: 1 }]);
        expect(statSync(join(folder, 'data/postgres/data')).uid).not.toBe(0);
        expect(statSync(folder).mode & 0o777).toBe(mode);
      },
    );

  it('are durable, private and of the right version', async () => {
    const embedded = await start(await usedFolder());
    const rows = await query(
      embedded,
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes',
        'listen_addresses', 'server_version', 'unix_socket_permissions', 'server_encoding', 'data_checksums')`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      data_checksums: 'on',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      server_encoding: 'UTF8',
      server_version: '18.4',
      synchronous_commit: 'on',
      unix_socket_permissions: '0700',
    });
    expect(await query(embedded, "select current_database() as name, lower('ÄÉЖ') as lower")).toEqual([
      { name: 'csv_app', lower: 'äéж' },
    ]);
    expect(statSync(embedded.postgres!.connection.host).mode & 0o777).toBe(0o700);
    const redis = await withRedis(embedded, (client) => client.config('GET', '*') as Promise<string[]>);
    const setting = (name: string) => redis[redis.indexOf(name) + 1];
    expect([
      setting('port'),
      setting('appendonly'),
      setting('appendfsync'),
      setting('maxmemory-policy'),
    ]).toEqual(['0', 'yes', 'everysec', 'noeviction']);
  });

  // Only glibc reads the settings, and only Linux has /proc.
  it.skipIf(process.platform !== 'linux')(
    'keep the memory of a statement for the next one of the same connection',
    async () => {
      const embedded = await start(await usedFolder());
      const statement = `select split_part(pg_read_file('/proc/self/stat'), ' ', 10)::int as faults
        from (select count(*) from generate_series(1, 100000) a join generate_series(1, 100000) b on a = b) counted`;
      const client = new pg.Client(embedded.postgres!.connection);
      await client.connect();
      const faults: number[] = [];
      try {
        await client.query("set work_mem = '64MB'");
        for (let time = 0; time < 4; time++) faults.push((await client.query(statement)).rows[0].faults);
      } finally {
        await client.end();
      }
      // Without the settings, each time faults in 3,400 pages.
      expect(faults[3]! - faults[2]!).toBeLessThan(500);
    },
  );

  it('start only those requested', async () => {
    const embedded = await start(temporaryFolder(), { want: { postgres: false, redis: true } });
    expect(embedded.postgres).toBeUndefined();
    expect(existsSync(join(embedded.dataDir, 'postgres'))).toBe(false);
  });

  it('have their sockets elsewhere if the folder’s path is too long', LONG, async () => {
    const dataDir = join(temporaryFolder(), 'long'.repeat(40));
    const embedded = await start(dataDir);
    const { host } = embedded.postgres!.connection;
    expect(host.startsWith(dataDir)).toBe(false);
    expect(await query(embedded, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await withRedis(embedded, (redis) => redis.ping())).toBe('PONG');
    await embedded.close();
    expect(existsSync(host)).toBe(false);
  });

  it('refuse a second daemon on the folder and name the first', async () => {
    const dataDir = await usedFolder();
    const holder = await startHolder(dataDir);
    expect(holder.said.failure).toBeUndefined();
    const refused = start(dataDir);
    await expect(refused).rejects.toMatchObject({ code: 'data_dir_locked' });
    await expect(refused).rejects.toThrow(`process ${holder.process.pid}`);
    await expect(refused).rejects.toThrow(dataDir);
    // The refused one has not touched the servers of the first.
    expect(await query(holder.said, 'select 1 as one')).toEqual([{ one: 1 }]);
    await kill(holder.process);
    await start(dataDir);
  });

  // The lock is that of the test before; two that start at once are one daemon in the command line's test too.
  it('refuse one of two daemons that start at once', inShortIf(false), async () => {
    const dataDir = temporaryFolder();
    const holders = await Promise.all([startHolder(dataDir), startHolder(dataDir), startHolder(dataDir)]);
    const failures = holders.map((holder) => holder.said.failure).sort();
    expect(failures).toEqual(['data_dir_locked', 'data_dir_locked', undefined]);
    for (const holder of holders) await kill(holder.process);
    await start(dataDir); // Ends the servers that the winner left.
  });

  it('left by a killed daemon are ended at the next start, and nothing committed is lost', async () => {
    const dataDir = await usedFolder();
    const holder = await startHolder(dataDir);
    await query(holder.said, 'create table kept as select generate_series(1, 1000) as n');
    await withRedis(holder.said, (redis) => redis.set('kept', 'too'));
    await kill(holder.process);
    const left = [pidIn(dataDir, 'postgres/data/postmaster.pid'), pidIn(dataDir, 'redis/redis.pid')];
    for (const pid of left) expect(await processIdentity(pid)).toBeDefined();

    const embedded = await start(dataDir);
    for (const pid of left) expect(await processIdentity(pid)).toBeUndefined();
    expect(await query(embedded, 'select count(*)::int as n from kept')).toEqual([{ n: 1000 }]);
    expect(await withRedis(embedded, (redis) => redis.get('kept'))).toBe('too');
    expect(warnings.some((warning) => warning.includes('PostgreSQL'))).toBe(true);
    expect(warnings.some((warning) => warning.includes('Redis'))).toBe(true);
  });

  it("start after everything was killed, and spare another daemon's servers that reuse the process IDs", async () => {
    const dataDir = await usedFolder();
    const holder = await startHolder(dataDir);
    await query(holder.said, 'create table kept as select 7 as n');
    await kill(holder.process);
    const pidFiles = ['postgres/data/postmaster.pid', 'redis/redis.pid'] as const;
    const [ofPostgres, ofRedis] = pidFiles.map((file) => readFileSync(join(dataDir, file), 'utf8'));
    for (const file of pidFiles) process.kill(pidIn(dataDir, file), 'SIGKILL');

    const other = await start(await usedFolder());
    const [postgres, redis] = pidFiles.map((file) => String(pidIn(other.dataDir, file)));
    writeFileSync(join(dataDir, pidFiles[0]), ofPostgres!.replace(/^\d+/, postgres!));
    writeFileSync(join(dataDir, pidFiles[1]), ofRedis!.replace(/^\d+/, redis!));
    warnings.length = 0;
    const embedded = await start(dataDir);
    expect(warnings).toContain(RECOVERY);
    expect(await query(embedded, 'select n from kept')).toEqual([{ n: 7 }]);
    expect(await query(other, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await withRedis(other, (client) => client.ping())).toBe('PONG');
  });

  it('start after an interrupted setup', async () => {
    const dataDir = temporaryFolder();
    mkdirSync(join(dataDir, 'postgres/data.unfinished-1/base'), { recursive: true });
    await start(dataDir, { want: { postgres: true, redis: false } });
    expect(readdirSync(join(dataDir, 'postgres')).sort()).toEqual(['data', 'server.log']);
  });

  it('refuse data of another PostgreSQL version and leave them unchanged', async () => {
    const dataDir = temporaryFolder();
    mkdirSync(join(dataDir, 'postgres/data'), { recursive: true });
    writeFileSync(join(dataDir, 'postgres/data/PG_VERSION'), '17\n');
    const refused = start(dataDir);
    await expect(refused).rejects.toMatchObject({ code: 'embedded_postgres_version' });
    await expect(refused).rejects.toThrow('PostgreSQL 17');
    expect(readdirSync(join(dataDir, 'postgres/data'))).toEqual(['PG_VERSION']);
  });

  it('give advice if there is no Redis program, and leave nothing running', async () => {
    const dataDir = temporaryFolder();
    const refused = start(dataDir, { redisPrograms: ['no-such-redis-server'] });
    await expect(refused).rejects.toMatchObject({ code: 'redis_missing' });
    await expect(refused).rejects.toThrow('REDIS_URL');
    expect(existsSync(join(dataDir, 'postgres/data/postmaster.pid'))).toBe(false);
    await start(dataDir); // The lock is free.
  });

  it('report the output of a server that cannot start', async () => {
    const dataDir = await usedFolder();
    writeFileSync(join(dataDir, 'postgres/data/postgresql.conf'), 'no_such_setting = 1\n');
    await expect(start(dataDir)).rejects.toThrow('no_such_setting');
  });

  // The next test aborts a start that has begun.
  it('leave nothing running when the start is aborted', inShortIf(false), async () => {
    const dataDir = temporaryFolder();
    const refused = start(dataDir, { signal: AbortSignal.abort() });
    await expect(refused).rejects.toMatchObject({ code: 'embedded_start_aborted' });
    expect(existsSync(join(dataDir, 'postgres/data/postmaster.pid'))).toBe(false);
    expect(existsSync(join(dataDir, 'redis/redis.pid'))).toBe(false);
    await start(dataDir); // The lock is free, and the data folder is intact.
  });

  it('do not wait for a data folder that is being created when the start is aborted', LONG, async () => {
    const dataDir = temporaryFolder();
    const giveUp = new AbortController();
    const starting = start(dataDir, { signal: giveUp.signal });
    const made = () => (existsSync(join(dataDir, 'postgres')) ? readdirSync(join(dataDir, 'postgres')) : []);
    // initdb takes a second or more from here on.
    await vi.waitFor(() => expect(made()).toEqual([expect.stringContaining('data.unfinished-')]), {
      interval: 5,
    });
    giveUp.abort();
    await expect(starting).rejects.toMatchObject({ code: 'embedded_start_aborted' });
    const [unfinished = ''] = made();
    // Written by initdb, which removes it if it is ended.
    expect(existsSync(join(dataDir, 'postgres', unfinished, 'PG_VERSION'))).toBe(false);
    expect(existsSync(join(dataDir, 'redis/redis.pid'))).toBe(false);
    await start(dataDir);
    expect(made()).not.toContainEqual(expect.stringContaining('data.unfinished-'));
  });

  it('report when one of them exits unexpectedly', async () => {
    const dataDir = await usedFolder();
    const told = await new Promise<string>((resolve, reject) => {
      start(dataDir, { onServerLost: (failure) => resolve(failure.code) }).then(
        () => process.kill(pidIn(dataDir, 'redis/redis.pid'), 'SIGKILL'),
        reject,
      );
    });
    expect(told).toBe('embedded_server_lost');
  });

  it.runIf(process.getuid?.() === 0)(
    'as root write into no folder owned by PostgreSQL’s user, whatever it contains',
    async () => {
      const dataDir = await usedFolder();
      await (await start(dataDir)).close();
      const owner = statSync(join(dataDir, 'postgres/data'));
      const target = join(temporaryFolder(), 'of-root');
      writeFileSync(target, 'untouched', { mode: 0o600 });
      // As an earlier version left it, with links where root used to write.
      mkdirSync(join(dataDir, 'run'));
      for (const folder of ['run', 'postgres']) chownSync(join(dataDir, folder), owner.uid, owner.gid);
      rmSync(join(dataDir, 'postgres/data/csvjobs.conf'));
      symlinkSync(target, join(dataDir, 'postgres/data/csvjobs.conf'));
      await expect(start(dataDir, { want: { postgres: true, redis: false } })).rejects.toMatchObject({
        code: 'embedded_postgres_failed',
      });
      rmSync(join(dataDir, 'postgres/data/csvjobs.conf'));
      renameSync(join(dataDir, 'postgres/server.log'), join(dataDir, 'postgres/server.log.1'));
      symlinkSync(target, join(dataDir, 'postgres/server.log'));
      await expect(start(dataDir, { want: { postgres: true, redis: false } })).rejects.toThrow('ELOOP');
      rmSync(join(dataDir, 'postgres/server.log'));
      expect(readFileSync(target, 'utf8')).toBe('untouched');
      expect(statSync(target)).toMatchObject({ uid: 0, mode: 0o100600 });

      const embedded = await start(dataDir);
      for (const folder of [dirname(embedded.redis!.path), join(dataDir, 'postgres')])
        expect(statSync(folder).uid, folder).toBe(0);
      for (const folder of [embedded.postgres!.connection.host, join(dataDir, 'postgres/data')])
        expect(statSync(folder), folder).toMatchObject({ uid: owner.uid, mode: 0o40700 });
      expect(statSync(embedded.redis!.path).uid).toBe(0);
      expect(await query(embedded, 'select 1 as one')).toEqual([{ one: 1 }]);
      await embedded.close();
      expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'redis']);
    },
  );

  it.each([
    [
      'quotes, a comma, blanks and special characters of shells, printf and configuration files',
      ` "b" 'c' \\d, %s $H \`i\` #; \\n & * 東 `,
    ],
  ])('run in a folder with %s in its name, twice', LONG, async (_, name) => {
    const dataDir = join(temporaryFolder(), name);
    for (const round of [1, 2]) {
      const embedded = await start(dataDir);
      expect(embedded.redis!.path).toBe(join(dataDir, 'run', 'redis.sock'));
      await query(embedded, `create table kept_${round} (n int)`);
      expect(await withRedis(embedded, (redis) => redis.incr('rounds'))).toBe(round);
      await embedded.close();
    }
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'redis']);
  });

  it.each(['a\nb', 'a\tb', 'a\x7fb'])('refuse a folder named %j, with a message', async (name) => {
    const folder = temporaryFolder();
    const refused = start(join(folder, name));
    await expect(refused).rejects.toMatchObject({ code: 'data_dir_unusable' });
    await expect(refused).rejects.toThrow('control character');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuse a folder that cannot be created', async () => {
    const file = join(temporaryFolder(), 'a file');
    writeFileSync(file, '');
    await expect(start(join(file, 'data'))).rejects.toMatchObject({ code: 'data_dir_unusable' });
  });
});
