/**
 * The log for people: on a terminal, its JSON lines are shown as time of day, level, message, then the
 * fields.
 */
import { prettyFactory } from 'pino-pretty';

/** Returns a function that formats a line; with colours if NO_COLOR and the terminal allow it. */
export function terminalLog(): (line: string) => string {
  // The local time of day. Errors keep their stacks, which people at a terminal want.
  const show = prettyFactory({ translateTime: 'SYS:HH:MM:ss', singleLine: true, ignore: 'pid,hostname' });
  return (line) => show(line) ?? '';
}
