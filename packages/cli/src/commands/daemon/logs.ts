/**
 * `csvjobs daemon logs`: prints the background daemon's log, once or following it; human-readable on a terminal,
 * elsewhere byte for byte.
 */
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../context.js';
import { EXIT, type ExitCode } from '../../exitCodes.js';
import { recordPaths } from '../../localDaemon/daemonRecord.js';
import { logLines } from '../../text/logLines.js';
import { UserError } from '../../userError.js';

const CHUNK = 64 * 1024;
const POLL_INTERVAL = 200;

export interface LogsOptions {
  lines: number;
  follow: boolean;
}

export async function daemonLogs(context: Context, { lines, follow }: LogsOptions): Promise<ExitCode> {
  const { log } = recordPaths(context.settings.url.value);
  const file = await open(log).catch(async (cause: NodeJS.ErrnoException) => {
    const why = `no daemon was started in the background for this address (${log}: ${cause.code})`;
    throw new UserError({
      code: 'no_log',
      exitCode: EXIT.usage,
      what: 'There is no log',
      ...((await answers(context))
        ? {
            why: `${why}; one that was started in another way answers`,
            next: 'read what it prints: in its terminal, or with journalctl or docker logs',
          }
        : { why, next: 'csvjobs daemon start' }),
      cause,
    });
  });
  try {
    let position = await lastLinesStart(file, lines);
    const shown = context.out.tty && !context.json ? forPeople(context) : undefined;
    for (;;) {
      position = await copy(context, file, position, shown);
      if (!follow) {
        if (shown) context.out.stream.write(shown.rest());
        return EXIT.done;
      }
      await sleep(POLL_INTERVAL, undefined, { signal: context.signal }).catch(() => {
        throw context.signal.reason;
      });
      // A log that became shorter was restarted.
      if ((await file.stat()).size < position) position = 0;
    }
  } finally {
    await file.close();
  }
}

interface Shown {
  take(bytes: Buffer): string;
  rest(): string;
}

function forPeople({ out }: Context): Shown {
  const decoder = new StringDecoder('utf8');
  const { take, rest } = logLines(out.paint);
  return { take: (bytes) => take(decoder.write(bytes)), rest };
}

/** Writes the log from `position` on; returns the position after it. */
async function copy({ out, signal }: Context, file: FileHandle, position: number, shown?: Shown) {
  const buffer = Buffer.alloc(CHUNK);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, position);
    if (bytesRead === 0) return position;
    position += bytesRead;
    const read = buffer.subarray(0, bytesRead);
    // Copies, because the buffer is reused before a slow pipe has taken the bytes.
    const taken = out.stream.write(shown ? shown.take(read) : Buffer.from(read));
    if (!taken) await once(out.stream, 'drain', { signal });
  }
}

/** Whether a daemon answers at the address, ready or not. */
async function answers(context: Context): Promise<boolean> {
  try {
    await (await context.client()).ready();
    return true;
  } catch {
    return false;
  }
}

/** Returns the offset where the last `lines` lines start, searching from the end. */
async function lastLinesStart(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(CHUNK);
  // No line starts after the last line end.
  let wanted = lines + 1;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    await file.read(buffer, 0, end - start, start);
    for (let index = end - start - 1; index >= 0; index -= 1) {
      if (buffer[index] !== 0x0a) continue;
      wanted -= 1;
      if (wanted === 0) return start + index + 1;
    }
    end = start;
  }
  return 0;
}
