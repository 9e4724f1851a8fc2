import type { Context } from '../context.js';

/** Whether a screen can be drawn and keys are read: never in a pipe, in CI, or where only data is asked for. */
export function canDraw({ out, stdin, json, quiet, progress }: Context): boolean {
  return out.tty && stdin.isTTY === true && !json && !quiet && progress === 'tty';
}
