/** Writes dates and times as PostgreSQL does with DateStyle ISO and time zone UTC, which sessions of csvjobs set. */
import { DATE, TIME, TIMESTAMP } from '../types/dateTimeJudge.js';

const MS_A_DAY = 86_400_000;

/** @param text a date that `judgeDate` accepts, optionally followed by midnight */
export function dateText(text: string): string {
  const [, date = text] = TIMESTAMP.exec(text)!;
  const { year, month, day } = partsOf(date);
  return written(year, month, day);
}

/** @param text a time that `judgeTime` accepts */
export function timeText(text: string): string {
  const { ms, fraction } = timeOf(text);
  return clock(ms) + fraction;
}

/**
 * @param text a timestamp that `judgeTimestamp` accepts
 * @param zone whether the type has a time zone
 */
export function timestampText(text: string, zone: boolean): string {
  const [, date = '', time = '00:00', offset = ''] = TIMESTAMP.exec(text)!;
  const { year, month, day } = partsOf(date);
  const { ms, fraction } = timeOf(time);
  const moved = ms - offsetMs(offset);
  const days = Math.floor(moved / MS_A_DAY);
  const at = new Date(0);
  // JavaScript's dates end before PostgreSQL's last year, so move the year by cycles of 400 years, which are identical.
  const cycles = Math.floor(year / 400);
  at.setUTCFullYear(2000 + (year - cycles * 400), month - 1, day + days);
  const shownYear = at.getUTCFullYear() - 2000 + cycles * 400;
  const shown = `${written(Math.max(shownYear, 1 - shownYear), at.getUTCMonth() + 1, at.getUTCDate())} ${clock(moved - days * MS_A_DAY)}${fraction}`;
  return `${shown}${zone ? '+00' : ''}${shownYear < 1 ? ' BC' : ''}`;
}

/** Returns year, month and day of a date that `judgeDate` accepts. */
export function partsOf(date: string): { year: number; month: number; day: number } {
  const match = DATE.exec(date)!;
  const [year, month, day] = match.slice(match[1] === undefined ? 4 : 1).map(Number) as [
    number,
    number,
    number,
  ];
  return { year, month, day };
}

/** Returns the whole seconds in milliseconds, and the fraction of a second as text, such as `.25`. */
export function timeOf(text: string): { ms: number; fraction: string } {
  const [, hours, minutes, seconds = '0', decimals = '', half = ''] = TIME.exec(text)!;
  const afternoon = /p/i.test(half) ? 12 : 0;
  const hour = half === '' ? Number(hours) : (Number(hours) % 12) + afternoon;
  const kept = decimals.replace(/0+$/, '');
  return {
    ms: ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000,
    fraction: kept === '' ? '' : `.${kept}`,
  };
}

function offsetMs(text: string): number {
  const match = /([+-])(\d{2}):?(\d{2})?$/.exec(text);
  if (!match) return 0;
  const [, sign, hours, minutes = '0'] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** Formats a date in ISO form. */
export function written(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** Formats a time of day in ISO form. */
export function clock(ms: number): string {
  const seconds = ms / 1_000;
  return `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

const two = (number: number) => String(number).padStart(2, '0');
