/**
 * Finds the faults of dates and times. Accepts only year, month and day, in this order, with a year of four digits or
 * more, as in ISO 8601. PostgreSQL would read anything else (`3/4/2024`, `today`, `infinity`) by its settings, or as
 * something special.
 */
import type { Fault } from './typeRule.js';

/** An accepted date: three parts, in one of two groups of captures. */
export const DATE = /^(\d{4,7})-(\d{1,2})-(\d{1,2})$|^(\d{4})\/?(\d{2})\/?(\d{2})$/;
export const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?( ?[AP]M)?$/i;
const MIDNIGHT = /^00:00(?::00(?:\.0+)?)?$/;
/** A date, its time and its offset. */
export const TIMESTAMP =
  /^(.*?)(?:[T ](\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AP]M)?)( ?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?$/i;
/** Numbers of day, month and year in an order that only their author knows. */
const ANY_ORDER = /^\d{1,2}([./-])\d{1,2}\1\d{1,4}(?: |T|$)/i;
/** PostgreSQL manual, section 8.5: the last year of a date, and of a timestamp. */
const LAST_YEAR = { date: 5_874_897, timestamp: 294_276 };

/** Judges a date. It may have a time of midnight; PostgreSQL would silently drop any other time, and a zone. */
export function judgeDate(value: string): Fault | undefined {
  const [, date = value, time, offset] = TIMESTAMP.exec(value) ?? [];
  const fault = faultOfDate(date, LAST_YEAR.date);
  if (fault === 'unknown') return unknown(value, 'not_a_date');
  if (fault || time === undefined) return fault;
  if (offset !== undefined) return { code: 'time_zone_ignored', params: { value } };
  return MIDNIGHT.test(time) ? undefined : { code: 'time_ignored', params: { value } };
}

/** @param scale number of decimals of a second that the column stores */
export function judgeTime(value: string, scale: number): Fault | undefined {
  if (!TIME.test(value)) return { code: 'not_a_time', params: { value } };
  return faultOfTime(value, value, scale);
}

/** @param zone whether the column stores a point in time; if so, the value must name its zone */
export function judgeTimestamp(value: string, scale: number, zone: boolean): Fault | undefined {
  const match = TIMESTAMP.exec(value);
  if (!match) return unknown(value, 'not_a_timestamp');
  const [, date = '', time, offset] = match;
  const fault = faultOfDate(date, LAST_YEAR.timestamp);
  if (fault === 'unknown') return unknown(value, 'not_a_timestamp');
  if (fault) return fault;
  const late = time === undefined ? undefined : faultOfTime(time, value, scale);
  if (late) return late;
  const runsOn = offset !== undefined && /^(?:[a-z]| ?-)/i.test(offset) && /M$/i.test(time ?? '');
  if (offset !== undefined && (runsOn || !isOffset(offset)))
    return { code: 'not_a_timestamp', params: { value } };
  if (zone && offset === undefined) return { code: 'time_zone_missing', params: { value } };
  if (!zone && offset !== undefined) return { code: 'time_zone_ignored', params: { value } };
  return undefined;
}

function unknown(value: string, code: 'not_a_date' | 'not_a_timestamp'): Fault {
  if (!ANY_ORDER.test(value)) return { code, params: { value } };
  const isTimestamp = code === 'not_a_timestamp';
  return { code: 'date_format_unknown', params: { value, ...(isTimestamp && { timestamp: true }) } };
}

function faultOfDate(value: string, lastYear: number): Fault | undefined | 'unknown' {
  const match = DATE.exec(value);
  if (!match) return 'unknown';
  const [year, month, day] = [match[1] ?? match[4], match[2] ?? match[5], match[3] ?? match[6]].map(
    Number,
  ) as [number, number, number];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  const there = year >= 1 && year <= lastYear && month >= 1 && month <= 12 && day >= 1 && day <= days;
  return there ? undefined : { code: 'no_such_date', params: { value } };
}

/** Judges a time. Refuses 24:00 and second 60, which would become the next day or minute. */
function faultOfTime(time: string, value: string, scale: number): Fault | undefined {
  const [, hours, minutes, seconds = '0', decimals = '', half] = TIME.exec(time)!;
  if (half !== undefined && (Number(hours) < 1 || Number(hours) > 12))
    return { code: 'no_such_time', params: { value } };
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59)
    return { code: 'no_such_time', params: { value } };
  if (/[1-9]/.test(decimals.slice(scale))) return { code: 'too_many_decimals', params: { value, scale } };
  return undefined;
}

/**
 * PostgreSQL accepts offsets below 16 hours. After AM or PM it refuses letters without a blank (`1:59 AMZ`), and reads
 * a minus as part of the date: `2024-02-29 1:59 AM-0130` becomes the 24th.
 */
function isOffset(text: string): boolean {
  const [, hours = '0', minutes = '0'] = /(\d{2}):?(\d{2})?$/.exec(text) ?? [];
  return Number(hours) < 16 && Number(minutes) < 60;
}
