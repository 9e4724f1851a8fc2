/** Daemons on one database, each with a private Redis, which would take each other's jobs. */
import { once } from 'node:events';
import { join } from 'node:path';
import type { Job } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf } from '../../packages/daemon/test/support/form.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});
afterEach(() => place.close());

/** A daemon with its own Redis, on the shared database and uploads. */
const start = (name: string) => place.start({ REDIS_URL: '', DATA_DIR: join(place.folder, name) });

// In the short form oneQueue.test.ts has each of these without processes of their own.
test(
  'the second one is refused with advice; after a kill the first one restarts without waiting',
  inShortIf(false),
  async () => {
    const first = await start('first');
    await expect(start('second')).rejects.toThrow(
      /ended with 2:[\s\S]*uses this database with another queue[\s\S]*REDIS_URL/,
    );
    first.process.kill('SIGKILL');
    await once(first.process, 'exit');
    const again = await start('first');
    expect(again.log.join('\n')).not.toContain('checking whether it still runs');

    const form = new FormData();
    form.set('file', new File(['name,email,company\nN a,a@example.org,B\n'], 'a.csv'));
    const answer = await fetch(`${again.url}/api/jobs/upload`, { method: 'POST', body: form });
    const { jobId } = (await answer.json()) as { jobId: string };
    const job = async () => (await (await fetch(`${again.url}/api/jobs/${jobId}`)).json()) as Job;
    await expect.poll(async () => (await job()).status).toBe('completed');
    expect((await job()).attempt).toBe(1);
    expect(await again.stop()).toBe(0);
    // A clean stop leaves nothing that another daemon would have to wait for.
    expect((await start('third')).log.join('\n')).not.toContain('checking whether it still runs');
  },
);
