/**
 * The file beside a report in which it grows until it is complete. It goes at the end, and at a signal; one that a killed
 * download has left goes when the same report is saved again.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isRunning, processName } from '../localDaemon/processName.js';
import { noteClosed, noteOpen } from './openParts.js';

/** Bytes of the report's name that stand in the part's: a name has 255 at most (NAME_MAX), and much comes behind. */
const NAME_BYTES = 120;

/** The path of a new part of `file`, which `removePart` takes away. */
export function partFile(file: string): string {
  const owner = `${place()}.${processName(process.pid)}.${randomBytes(4).toString('hex')}`;
  const part = join(dirname(file), `${prefixOf(file)}${owner}.part`);
  noteOpen(part);
  return part;
}

export async function removePart(part: string): Promise<void> {
  await rm(part, { force: true });
  // Not before: a second signal in between would leave the part behind.
  noteClosed(part);
}

/** Takes away the parts of `file` whose processes have ended. What may be another machine's stays. */
export async function removeStaleParts(file: string): Promise<void> {
  const folder = dirname(file);
  const prefix = `${prefixOf(file)}${place()}.`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const owner = /^([\w-]+)\.[\da-f]{8}\.part$/.exec(name.slice(prefix.length))?.[1];
    if (owner !== undefined && !isRunning(owner))
      await rm(join(folder, name), { force: true }).catch(() => {});
  }
}

function prefixOf(file: string): string {
  const name = Buffer.from(basename(file))
    .subarray(0, NAME_BYTES)
    .toString()
    .replace(/\ufffd+$/, '');
  return `.${name}.`;
}

/** Where process numbers mean the same: a machine, and on it a container. A folder may be shared by several. */
function place(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // No Linux: no containers beside each other.
  }
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 8);
}
