import type { Caller } from '../access/access.js';

/** Who asks, for people: the name of a token of the table without what tells it from others, and `local` for the file's. */
export function nameOf({ name }: Pick<Caller, 'name'>): string {
  return name === 'DATA_DIR/token' ? 'local' : name.replace(/^token:/, '');
}
