import type { Context } from '../context.js';

/** Whether a screen can be drawn and keys can be read: not in a pipe, in CI, or if only data is requested. */
export function canDraw({ out, stdin, json, quiet, progress }: Context): boolean {
  return out.tty && stdin.isTTY === true && !json && !quiet && progress === 'tty';
}
