/** stdout of the commands that print and end (check, migrate, --help): all of it arrives, or the caller hears why not. */
import { fstatSync, writeFileSync } from 'node:fs';
import { Failure } from './failure.js';

/**
 * Whether stdout is a file or a device. Node's stream for those takes a short write (write(2): the disk has become full)
 * for a whole one and loses the rest; writeFileSync goes on until all is written.
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
 * Prints; resolves when it is out.
 * @throws {Failure} `reader_gone` (EPIPE: whoever reads it has had enough, as `| head`), `output_failed`
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
  // The callback has the error; without a listener the same error would end the process as an unexpected one.
  if (!listening) process.stdout.on('error', () => {});
  listening = true;
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
