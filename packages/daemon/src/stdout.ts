/**
 * stdout of the commands that print and exit (check, migrate, --help): all of it arrives, or the caller
 * learns why not.
 */
import { fstatSync, writeFileSync } from 'node:fs';
import { Failure } from './failure.js';

/**
 * Whether stdout is a file or a device. For those, Node's stream takes a short write (write(2): the disk
 * became full) for a complete one and loses the rest; writeFileSync continues until everything is written.
 */
const direct = (() => {
  try {
    const found = fstatSync(1);
    return found.isFile() || (found.isCharacterDevice() && !process.stdout.isTTY);
  } catch {
    return false;
  }
})();
let listening = false;

/**
 * Prints; resolves when everything is written.
 * @throws {Failure} `reader_gone` (EPIPE: the reader has stopped, like `| head`), `output_failed`
 */
export async function print(text: string | Uint8Array): Promise<void> {
  try {
    if (direct) writeFileSync(1, text);
    else await printed(text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') throw new Failure('reader_gone', 'the reader of stdout has closed it');
    const why = code === 'ENOSPC' ? 'the disk is full' : message;
    throw new Failure('output_failed', `cannot write to stdout: ${why}; the output is incomplete`);
  }
}

function printed(text: string | Uint8Array): Promise<void> {
  // The callback gets the error; without a listener, the same error would crash the process.
  if (!listening) process.stdout.on('error', () => {});
  listening = true;
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
