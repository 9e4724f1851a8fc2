import type { Caller } from '../access/access.js';

/**
 * The caller's name for people: a token of the table without the prefix `token:`, and `local` for the token
 * file.
 */
export function nameOf({ name }: Pick<Caller, 'name'>): string {
  return name === 'DATA_DIR/token' ? 'local' : name.replace(/^token:/, '');
}
