/** A daemon's log for people: its JSON lines as `12:03:04 INFO  listening host=127.0.0.1 port=4000`. */
import type { Paint } from './paint.js';
import { clean } from './text.js';

/** Fields that say nothing new on the machine where the log is read. */
const SAID_ALREADY = new Set(['level', 'time', 'msg', 'pid', 'hostname']);

/**
 * Accepts text in pieces of any size. `take` returns the lines that are complete so far, `rest` the text left without a
 * line end.
 */
export function logLines(paint: Paint): { take(text: string): string; rest(): string } {
  let begun = '';
  return {
    take(text) {
      const lines = (begun + text).split('\n');
      begun = lines.pop() ?? '';
      return lines.map((line) => `${readable(line, paint)}\n`).join('');
    },
    rest() {
      const line = begun;
      begun = '';
      return line === '' ? '' : readable(line, paint);
    },
  };
}

/** A line that is not part of the log (a crash of Node.js, for example) is only cleaned. */
function readable(line: string, paint: Paint): string {
  const fields = parse(line);
  if (!fields) return clean(line);
  const { level, time, msg } = fields;
  const { err, ...others } = fields;
  const name = String(level).toUpperCase().padEnd(5);
  const color = /WARN/.test(name) ? paint.yellow : /ERROR|FATAL/.test(name) ? paint.red : paint.cyan;
  const more = Object.entries(others)
    .filter(([key]) => !SAID_ALREADY.has(key))
    .map(
      ([key, value]) => `${clean(key)}=${clean(typeof value === 'string' ? value : JSON.stringify(value))}`,
    );
  const { message } = (err ?? {}) as { message?: unknown };
  const why = typeof message === 'string' ? [`err=${clean(message)}`] : [];
  const clock = typeof time === 'string' ? localClock(time) : '';
  return [paint.dim(clock), color(name), clean(String(msg ?? '')), paint.dim([...more, ...why].join(' '))]
    .filter((part) => part !== '')
    .join(' ')
    .trimEnd();
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    return 'level' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The local time of day, with the date unless it is today. */
function localClock(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  if (time.toDateString() === new Date().toDateString()) return clock;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}
