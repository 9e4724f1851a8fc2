/**
 * The part file beside a report, which holds it until it is complete. It is removed at the end and on a signal. If a
 * killed download left one, saving the same report again removes it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isRunning, processName } from '../localDaemon/processName.js';
import { noteClosed, noteOpen } from './openParts.js';

/**
 * Maximum bytes of the report's name used in the part's name: names have at most 255 bytes (NAME_MAX), and a long
 * suffix follows.
 */
const NAME_BYTES = 120;

/** Returns the path of a new part of `file`, which `removePart` removes. */
export function partFile(file: string): string {
  const owner = `${place()}.${processName(process.pid)}.${randomBytes(4).toString('hex')}`;
  const part = join(dirname(file), `${prefixOf(file)}${owner}.part`);
  noteOpen(part);
  return part;
}

export async function removePart(part: string): Promise<void> {
  await rm(part, { force: true });
  // Not earlier: a second signal in between would leave the part behind.
  noteClosed(part);
}

/** Removes the parts of `file` whose processes have exited. Leaves parts that may belong to another machine. */
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

/** The scope in which PIDs are unique: a machine, and a container on it. Several may share a folder. */
function place(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: there are no containers on the same machine.
  }
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 8);
}
