import { type Logger, pino } from 'pino';

export type Log = Logger;

/** JSON lines on stdout, the level by its name, the time in ISO form. Errors stand under `err`. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
