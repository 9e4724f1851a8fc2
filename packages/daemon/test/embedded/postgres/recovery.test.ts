/** A private PostgreSQL that must end or restart while it recovers from a crash. */
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LONG } from '../../support/form.js';
import {
  crashPostgres,
  kill,
  postgresProcesses,
  query,
  spawnHolder,
  start,
  temporaryFolder,
} from '../fixtures.js';

const want = { postgres: true, redis: false };

/** A data folder whose PostgreSQL was killed with much WAL. */
async function crashed(): Promise<string> {
  const dataDir = temporaryFolder();
  const embedded = await start(dataDir, { want });
  await query(
    embedded,
    `create table kept as select n, repeat('x', 200) as text from generate_series(1, 100000) n`,
  );
  crashPostgres(dataDir);
  await embedded.close();
  return dataDir;
}

/** Freezes the recovery, like a disk that takes minutes to flush: no signal but SIGKILL reaches it. */
async function stopRecovery(dataDir: string): Promise<void> {
  for (;;) {
    const startup = postgresProcesses(dataDir).find(({ title }) => title.startsWith('postgres: startup'));
    if (startup) return void process.kill(startup.pid, 'SIGSTOP');
    await setImmediate();
  }
}

/** Also ends whatever a holder left. */
async function everythingIsThere(dataDir: string): Promise<void> {
  const embedded = await start(dataDir);
  expect(await query(embedded, 'select count(*)::int as n from kept')).toEqual([{ n: 100_000 }]);
}

// Without the right signal both wait two minutes, longer than a test may take.
it.runIf(process.platform === 'linux')('ends at once when its start is aborted', LONG, async () => {
  const dataDir = await crashed();
  const giveUp = new AbortController();
  const starting = start(dataDir, { want, signal: giveUp.signal });
  await stopRecovery(dataDir);
  giveUp.abort();
  await expect(starting).rejects.toMatchObject({ code: 'embedded_start_aborted' });
  expect(postgresProcesses(dataDir)).toEqual([]);
  await everythingIsThere(dataDir);
});

it.runIf(process.platform === 'linux')(
  'is ended at once if its daemon was killed',
  { tags: 'long' },
  async () => {
    const dataDir = await crashed();
    const holder = spawnHolder(dataDir);
    await stopRecovery(dataDir);
    await kill(holder);
    await everythingIsThere(dataDir);
  },
);
