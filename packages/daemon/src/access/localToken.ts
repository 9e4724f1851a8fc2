/**
 * The token of a daemon that runs its own servers: created at the first start in DATA_DIR/token, which only
 * this user can read. The command line of the same user on the same machine finds it there automatically.
 */
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeToken } from './token.js';

/** Anything shorter is not one of our tokens: a file that was only partly written, say. */
const SHORTEST = 32;

/** Reads the token of a data folder, and creates it if there is none. Its mode is 0600 afterwards. */
export function localToken(dataDir: string): { file: string; token: string } {
  const file = join(dataDir, 'token');
  const there = statSync(file, { throwIfNoEntry: false });
  if (there && (there.mode & 0o077) !== 0) chmodSync(file, 0o600);
  const kept = there ? readFileSync(file, 'utf8').trim() : '';
  if (kept.length >= SHORTEST) return { file, token: kept };
  const token = makeToken();
  // Under the lock of the data folder; renamed into place, so that no process reads half a token.
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${token}\n`, { mode: 0o600 });
  renameSync(temporary, file);
  return { file, token };
}
