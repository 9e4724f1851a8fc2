/** Commands in a view that cuts its lines. */
import stringWidth from 'string-width';
import { commandAt } from '../text/command.js';

/**
 * Returns a line with its command as the user has to type it: on a line of its own if it does not fit beside its text.
 * A command that fits nowhere is left out with its text, because a part of it cannot be pasted.
 */
export function fittingCommands(line: string, width: number, typed: (text: string) => string): string[] {
  const at = commandAt(line);
  const whole = typed(line);
  if (at === undefined || stringWidth(whole) <= width) return [whole];
  const command = `  ${typed(line.slice(at))}`;
  return stringWidth(command) <= width ? [line.slice(0, at).trimEnd(), command] : [];
}
