/** A server whose messages are in German: Debian's PostgreSQL has translations, that of npm has none. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { migrate } from '../../../src/sql/migrate.js';
import { createPool } from '../../../src/sql/pool.js';
import { crossed, inShortIf, LONG, skipWithout } from '../../support/form.js';
import { onPlain, type TestDatabase } from '../../support/postgres.js';
import { type PrivatePostgres, startPostgres } from '../../support/servers.js';
import { type Loading, openLoading } from '../support/loading.js';
import { makeTargetJob, rejected, runToEnd, type TargetFile } from './support.js';

const DEBIAN = '/usr/lib/postgresql';

/** Without its variable LANGUAGE, a locale in German would be needed as well. */
async function startGerman(): Promise<PrivatePostgres | undefined> {
  const [newest] = process.platform === 'linux' ? versions().filter((version) => version >= 15) : [];
  if (newest === undefined) return undefined;
  const programs = join(DEBIAN, String(newest), 'bin');
  const binaries = { initdb: join(programs, 'initdb'), postgres: join(programs, 'postgres') };
  const started = await startPostgres({}, binaries, { prefix: ['env', 'LANGUAGE=de'] });
  const says = await onPlain(started.connection, 'select from missing').catch(
    (error: Error) => error.message,
  );
  if (String(says).includes('existiert nicht')) return started;
  await started.stop();
  return undefined;
}

function versions(): number[] {
  try {
    return readdirSync(DEBIAN)
      .map(Number)
      .sort((a, b) => b - a);
  } catch {
    return [];
  }
}

const ROLE = 'modest';
let loading: Loading;
let server: PrivatePostgres | undefined;
/** Connected as the loading role. */
let db: TestDatabase | undefined;

beforeAll(async () => {
  loading = await openLoading();
  server = await startGerman();
  if (!server) return;
  const owner = server.connection;
  await migrate(owner);
  const plain = (sql: string) => onPlain(owner, sql);
  await plain(`create role ${ROLE} login; grant all on all tables in schema public to ${ROLE}`);
  const connection = { ...owner, user: ROLE };
  db = { connection, pool: createPool(connection, () => {}), plain, drop: async () => {} };
});
afterAll(async () => {
  await db?.pool.end();
  await server?.stop();
  await loading.close();
});

const file: TargetFile = {
  table: { schema: 'sales', name: 't' },
  header: ['a', 'n'],
  records: Array.from({ length: 60 }, (_, at) => [String(at), String(at)]),
};
const MODES = ['reject', 'skip', 'update'] as const;

const DENIED: readonly (readonly [string, string, string])[] = [
  [
    'a privilege for the table that a trigger writes',
    `create table sales.audit (a int); create table sales.t (a int primary key, n int);
      create function sales.note() returns trigger language plpgsql as 'begin insert into sales.audit values (new.a); return new; end';
      create trigger noted after insert on sales.t for each row execute function sales.note()`,
    `grant insert on sales.audit to ${ROLE}`,
  ],
  [
    'a privilege for the function of a domain',
    `create function sales.sound(n int) returns boolean language plpgsql as 'begin return n >= 0; end';
      revoke execute on function sales.sound from public; create domain sales.sum as int check (sales.sound(value));
      create table sales.t (a int primary key, n sales.sum)`,
    `grant execute on function sales.sound to ${ROLE}`,
  ],
  [
    'a setting',
    `create table sales.t (a int primary key, n int, tenant int default current_setting('app.tenant')::int)`,
    `alter role ${ROLE} set app.tenant to '1'`,
  ],
];

function here(context: Pick<TestContext, 'task' | 'skip'>): TestDatabase {
  return db ?? skipWithout(context, 'PostgreSQL with translations in /usr/lib/postgresql');
}

/** Makes the tables anew. */
async function create(sql: string): Promise<void> {
  await db!.plain(`drop owned by ${ROLE}; alter role ${ROLE} reset all; drop schema if exists sales cascade; create schema sales; ${sql};
    grant usage on schema sales to ${ROLE}; grant select, insert, update on sales.t to ${ROLE};
    grant all on all tables in schema public to ${ROLE}`);
}

const spec = (mode: (typeof MODES)[number]) => ({ spec: { csvjobs: { mode } } });

for (const { kind, way: mode, options } of crossed(DENIED, MODES)) {
  const [what, table, grant] = kind;
  it(
    `${what} that the role lacks ends the job before it rejects any row (${mode})`,
    kind === DENIED[0] ? LONG : options,
    async (context) => {
      const { pool, plain } = here(context);
      await create(table);
      const id = await makeTargetJob(loading, pool, { ...file, ...spec(mode) });
      const ended = await runToEnd(loading, db!, id, { lanes: 1 }).catch((error: Error) => error);
      expect(ended).toMatchObject({ code: 'target_denied', retryable: false });
      expect(await rejected(pool, id)).toEqual([]);
      await plain(grant);
      await runToEnd(loading, db!, id, { lanes: 1 });
      expect((await plain('select from sales.t')).rowCount).toBe(60);
    },
  );
}

for (const mode of MODES)
  it(`a violated policy rejects its row (${mode})`, inShortIf(mode === 'update'), async (context) => {
    const { pool, plain } = here(context);
    await create(`create table sales.t (a int primary key, n int); alter table sales.t enable row level security;
    create policy seen on sales.t for select using (true); create policy changed on sales.t for update using (true);
    create policy added on sales.t for insert with check (a % 7 <> 3)`);
    for (let again = 0; again < 2; again++) {
      const id = await makeTargetJob(loading, pool, { ...file, ...spec(mode) });
      await runToEnd(loading, db!, id, { lanes: 1 });
      const refused = (await rejected(pool, id)).filter(({ why }) => why === '42501');
      expect(refused).toHaveLength(9);
      await plain('truncate sales.t');
    }
  });
