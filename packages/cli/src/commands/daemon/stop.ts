/** `csvjobs daemon stop`: stops the background daemon (SIGTERM) and waits until it is gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../context.js';
import { EXIT, type ExitCode } from '../../exitCodes.js';
import { exclusively } from '../../localDaemon/daemonLock.js';
import { readRecord, removeRecord, runs } from '../../localDaemon/daemonRecord.js';
import { duration, toJson } from '../../text/text.js';
import { UserError } from '../../userError.js';

const POLL_INTERVAL = 50;

export async function stopDaemon(
  { settings, out, err, json, quiet, signal }: Context,
  { timeout }: { timeout: number },
): Promise<ExitCode> {
  const url = settings.url.value;
  const record = readRecord(url);
  if (!record) {
    await forget(url);
    if (json) out.line(toJson({ stopped: false, url: url.href }));
    else if (!quiet) err.line(`No background daemon runs for ${url.origin}.`);
    return EXIT.done;
  }
  const started = performance.now();
  process.kill(record.pid, 'SIGTERM');
  while (runs(record)) {
    if (performance.now() - started > timeout)
      throw new UserError({
        code: 'daemon_still_stopping',
        exitCode: EXIT.unfinished,
        what: `The daemon (pid ${record.pid}) has not stopped after ${duration(timeout)}`,
        why: 'it is finishing its current work, or it hangs',
        next: `csvjobs daemon logs; as a last resort: kill -9 ${record.pid} (no committed row is lost)`,
      });
    await sleep(POLL_INTERVAL, undefined, { signal }).catch(() => {
      throw signal.reason;
    });
  }
  await forget(url);
  if (json) out.line(toJson({ stopped: true, url: url.href, pid: record.pid }));
  else if (!quiet) err.line(`${err.paint.green('✓')} The daemon (pid ${record.pid}) has stopped.`);
  return EXIT.done;
}

/** Removes the record, unless a daemon runs again: a start at this moment keeps or replaces it. */
async function forget(url: URL): Promise<void> {
  await exclusively(url, busy, async () => {
    if (!readRecord(url)) removeRecord(url);
  }).catch((error) => {
    if (error !== BUSY) throw error;
  });
}

const BUSY = new Error('another call starts or stops this daemon');
const busy = () => BUSY;
