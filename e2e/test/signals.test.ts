/** Signals to an unattended daemon: its terminal closes, or someone starts the debugger. */
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf } from '../../packages/daemon/test/support/form.js';
import { processesIn } from '../faults/support/leftovers.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

/** With a private Redis, which must not outlive it. */
const start = (more: Record<string, string> = {}) =>
  place.start({ REDIS_URL: '', DATA_DIR: join(place.folder, 'data'), ...more });

for (const [what, signals] of [
  ['SIGHUP, the end of the terminal', ['SIGHUP']],
  ['SIGHUP and, from csvjobs daemon in the same terminal, SIGTERM', ['SIGHUP', 'SIGTERM']],
] as const)
  test(`${what}: the daemon stops cleanly with its servers`, inShortIf(signals.length > 1), async () => {
    const daemon = await start();
    expect(processesIn(join(place.folder, 'data'))).not.toEqual([]);
    const end = once(daemon.process, 'close');
    for (const signal of signals) daemon.process.kill(signal);
    expect(await end).toEqual([0, null]);
    expect(daemon.log.join('\n')).toContain('"msg":"stopped"');
    await expect.poll(() => processesIn(join(place.folder, 'data'))).toEqual([]);
  });

test('under nohup it outlives its terminal', async () => {
  const daemon = await start({ _: '/usr/bin/nohup' });
  daemon.process.kill('SIGHUP');
  // Pending signals are delivered in numerical order: SIGTERM (15) after SIGHUP (1).
  const end = once(daemon.process, 'close');
  daemon.process.kill('SIGTERM');
  expect(await end).toEqual([0, null]);
  const stopping = daemon.log.filter((line) => line.includes('stopping; a second signal'));
  expect(stopping).toEqual([expect.stringContaining('"signal":"SIGTERM"')]);
});

test('SIGUSR1 opens no debugger, and the daemon continues', async () => {
  const daemon = await start();
  daemon.process.kill('SIGUSR1');
  for (let asked = 0; asked < 20; asked++) expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200);
  expect(await daemon.stop()).toBe(0);
  expect(daemon.log.join('\n')).not.toContain('Debugger');
});
