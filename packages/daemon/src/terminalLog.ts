/** The log for people: on a terminal its lines of JSON are shown with the time of day, the level, the message, then the fields. */
import { prettyFactory } from 'pino-pretty';

/** Returns what shows a line; with colours where NO_COLOR and the terminal allow it. */
export function terminalLog(): (line: string) => string {
  // The time of day on this machine's clock. Errors keep their stacks, which people who look at a terminal want.
  const show = prettyFactory({ translateTime: 'SYS:HH:MM:ss', singleLine: true, ignore: 'pid,hostname' });
  return (line) => show(line) ?? '';
}
