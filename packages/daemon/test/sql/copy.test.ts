import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyIn } from '../../src/sql/copy.js';
import { type Client, connect } from '../../src/sql/pool.js';
import { ON_NEWEST } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createDatabase();
  client = await connect(database.connection, 'csvjobs tests');
  await client.query('create temp table words (word text primary key)');
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Some megabytes, so that PostgreSQL answers before most of it has been sent. */
const many = Array.from({ length: 400_000 }, (_, index) => `word${index}\n`);

it('copies a payload of many pieces', ON_NEWEST, async () => {
  expect(await copyIn(client, 'copy words from stdin', Buffer.from(many.join('')))).toBe(many.length);
  expect((await client.query('select count(*) as count from words')).rows[0].count).toBe(many.length);
});

it('an early rejected row ends the copy with its reason, and the connection remains usable', async () => {
  await client.query('begin; savepoint here');
  const twice = Buffer.from(['new\n', 'new\n', ...many].join(''));
  await expect(copyIn(client, 'copy words from stdin', twice)).rejects.toMatchObject({ code: '23505' });
  await client.query('rollback to savepoint here');
  await copyIn(client, 'copy words from stdin', Buffer.from('last\n'));
  await client.query('commit');
  expect((await client.query(`select word from words where word in ('new', 'last')`)).rows).toEqual([
    { word: 'last' },
  ]);
});

it('copies pieces as they are made, and makes no more once PostgreSQL has refused one', async () => {
  await client.query('truncate words');
  async function* pieces(words: readonly string[]): AsyncGenerator<Buffer> {
    for (const word of words) yield Buffer.from(`${word}\n`);
  }
  expect(await copyIn(client, 'copy words from stdin', pieces(['a', 'b', 'c']))).toBe(3);
  let made = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.from(`${'a'.repeat(made++ % 2)}${'x\n'.repeat(50_000)}`);
  }
  await expect(copyIn(client, 'copy words from stdin', endless())).rejects.toMatchObject({ code: '23505' });
  expect((await client.query('select word from words order by 1')).rows.map(({ word }) => word)).toEqual([
    'a',
    'b',
    'c',
  ]);
});

it('an error while pieces are made ends the copy, and the connection remains usable', async () => {
  await client.query('truncate words');
  async function* failing(): AsyncGenerator<Buffer> {
    yield Buffer.from('a\n');
    throw new Error('cannot be made');
  }
  await expect(copyIn(client, 'copy words from stdin', failing())).rejects.toThrow('cannot be made');
  expect((await client.query('select word from words')).rows).toEqual([]);
});

it('an empty payload inserts nothing, and the connection remains usable', async () => {
  await client.query('truncate words');
  expect(await copyIn(client, 'copy words from stdin', new Uint8Array(0))).toBe(0);
  expect(await copyIn(client, 'copy words from stdin', Buffer.from('next\n'))).toBe(1);
  expect((await client.query('select word from words')).rows).toEqual([{ word: 'next' }]);
});

it('counts the rows in the table, without those dropped by a trigger', async () => {
  await client.query(`
    truncate words;
    create function pg_temp.take_away() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger take_away before insert on words for each row when (new.word = 'lost')
      execute function pg_temp.take_away()`);
  expect(await copyIn(client, 'copy words from stdin', Buffer.from('a\nlost\nb\n'))).toBe(2);
});
