/** The log cannot be written, or is not read: logging must never stop a daemon. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { freePort } from '../../packages/daemon/test/support/freePort.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, readiness, upload } from './support/client.js';
import { dirtyFile } from './support/dirtyFile.js';
import { FULL, seconds, tell } from './support/figures.js';
import { expectUndisturbed, putKnown } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
const file = dirtyFile(81, FULL ? 1_500 : 300);
afterEach(() => bench.finish());

/** A pipe that accepts nothing: it is full, and its open reader does not read. */
function fullPipe(): { path: string; close: () => void } {
  const path = join(bench.folder, 'log');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  expect(() => {
    for (;;) writeSync(pipe, Buffer.alloc(4_096));
  }).toThrow('EAGAIN');
  return { path, close: () => closeSync(pipe) };
}

// In the short form logOutput.test.ts has a full disk.
for (const where of ['on a disk that is full', 'in a pipe that nobody reads'])
  test(where, LONG, async (context) => {
    bench = await openBench();
    await putKnown(bench.pool, file);
    const pipe = where.includes('pipe') ? fullPipe() : undefined;
    try {
      const port = await freePort();
      const to = pipe?.path ?? '/dev/full';
      const daemon = bench.daemon(
        { API_PORT: String(port), SHUTDOWN_TIMEOUT: '3600000' },
        { prefix: ['sh', '-c', `exec "$@" > ${to}`, 'sh'] },
      );
      const url = `http://127.0.0.1:${port}`;
      await until('it listens', async () => (await readiness(url)).ready);
      const id = await upload(url, file.bytes);
      await completed(url, id);
      await expectUndisturbed(bench, id, file);
      // Within an hour nothing unfinished is cut: a daemon that waits for its log does not end in this test's time.
      const asked = performance.now();
      daemon.signal('SIGTERM');
      expect(await daemon.ended).toBe(0);
      const took = performance.now() - asked;
      tell(context, { 'stopped after': seconds(took) });
    } finally {
      pipe?.close();
    }
  });
