/** A job that waits for its next attempt says why: in watch, show and the log. It ends once the reason is gone. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

test('while a foreign server is down', LONG, async () => {
  const { host, port, database } = place.database.connection;
  await place.database.plain(`create extension postgres_fdw; create table kept (id int);
    create server far foreign data wrapper postgres_fdw options (host '/nowhere', port '${port}', dbname '${database}');
    create user mapping for current_user server far options (user 'postgres', password_required 'false');
    create foreign table away (id int) server far options (schema_name 'public', table_name 'kept')`);
  const daemon = await place.start({ TARGET_TABLES: 'public.*' });
  const file = join(place.folder, 'away.csv');
  writeFileSync(file, 'id\n1\n2\n');
  const upload = await csvjobs(daemon.url, 'upload', file, '--into', 'away');
  const id = upload.stdout.trim();
  const why = 'the connection of PostgreSQL to a foreign server broke: could not connect to server "far"';

  const watched = csvjobs(daemon.url, 'watch', id, '--progress', 'plain');
  await expect
    .poll(async () => (await csvjobs(daemon.url, 'show', id)).stdout, { timeout: 30_000 })
    .toContain(`Last fault: ${why}`);
  const given = csvjobs(daemon.url, 'watch', id, '--progress', 'plain', '--timeout', '8s');
  const { code, stderr } = await given;
  expect(code).toBe(8);
  expect(stderr).toContain(`waiting to try again: ${why}`);
  // The detail of the error, which names the address.
  expect(stderr).toContain('/nowhere');
  expect(daemon.log.join('\n')).toContain(why.replaceAll('"', '\\"'));

  await place.database.plain(`alter server far options (set host '${host}')`);
  const ended = await watched;
  expect(ended.code, ended.stderr).toBe(0);
  expect((await place.database.plain('table kept')).rows).toEqual([{ id: 1 }, { id: 2 }]);
});
