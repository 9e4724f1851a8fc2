/**
 * The amounts in the text of an interval: `1 day 02:30` has one of days, one of hours and one of minutes. Takes every form
 * that PostgreSQL does (DecodeInterval and DecodeISO8601Interval in src/backend/utils/adt/datetime.c), and more: texts
 * that it refuses may have amounts too.
 */
import { type Amount, type Unit, unitOf } from './intervalUnits.js';

/**
 * A time; years and months; a number, perhaps with its unit; a word alone, such as `ago`, or punctuation, which PostgreSQL
 * skips.
 */
const TOKEN =
  /([+-]?)\s*(\d+):(\d*)(?::(\d*(?:\.\d*)?)|(\.\d*))?|([+-]?)\s*(\d+)-(\d*)|([+-]?)\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)|([a-z]+|(?:[\s!-*,/:-@[-`{-~]|\.(?!\d))+)/gy;

/**
 * Returns the amounts of a text; undefined if PostgreSQL refuses it, or it is `infinity`.
 * @param bare the unit of a number without one: the last field of the type, otherwise seconds
 */
export function amountsOf(text: string, bare: Unit): Amount[] | undefined {
  const lower = text.trim().toLowerCase();
  return lower.startsWith('p') ? isoAmounts(lower) : writtenAmounts(lower, bare);
}

function writtenAmounts(text: string, bare: Unit): Amount[] | undefined {
  const amounts: Amount[] = [];
  let unitless: string | undefined;
  let isTimed = false;
  const add = (number: string, unit: Unit) =>
    amounts.push({ number, unit, ...(isTimed && { form: 'after' as const }) });
  /** A number before a time or hours is one of days. */
  const settle = (unit: Unit) => {
    if (unitless !== undefined) add(unitless, unit);
    unitless = undefined;
  };
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    const [, sign, first, second, third, tenths, yearSign, years, months, numberSign, number, word] = match;
    if (first !== undefined) {
      settle('day');
      const units: Unit[] = tenths === undefined ? ['hour', 'minute', 'second'] : ['minute', 'second'];
      const parts = tenths === undefined ? [first, second, third] : [first, `${second}${tenths}`];
      for (const [at, unit] of units.entries()) add(`${sign}${parts[at] || '0'}`, unit);
      isTimed = true;
    } else if (years !== undefined) {
      amounts.push(
        { number: yearSign! + years, unit: 'year' },
        { number: yearSign! + (months || '0'), unit: 'month' },
      );
    } else if (number !== undefined) {
      const unit = word === '' || word === 'ago' ? undefined : unitOf(word!);
      settle(unit === 'hour' || (word === '' && bare === 'hour') ? 'day' : bare);
      if (word === '' || word === 'ago') unitless = numberSign! + number;
      else {
        if (!unit) return undefined;
        add(numberSign! + number, unit);
      }
    }
  }
  settle(bare);
  return amounts;
}

/** strtod reads the numbers, so there are exponents and hexadecimal digits. */
const NUMBER = String.raw`[+-]?(?:0x[\da-f.]+(?:p[+-]?\d+)?|(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)`;
const DATE_UNITS: Record<string, Unit> = { y: 'year', m: 'month', w: 'week', d: 'day' };
const TIME_UNITS: Record<string, Unit> = { h: 'hour', m: 'minute', s: 'second' };

/** `P1Y2M3DT4H5M6S`, `P1-2-3T4:5:6` and `P00010203T040506`. */
function isoAmounts(text: string): Amount[] | undefined {
  const amounts: Amount[] = [];
  // Hexadecimal digits have no `t`.
  const [date = '', ...times] = text.slice(1).split('t');
  const isRead =
    readIso(date, DATE_UNITS, /^(\d{4})(\d\d)(\d\d(?:\.\d*)?)$/, '-', ['year', 'month', 'day'], amounts) &&
    times.every((time) =>
      readIso(time, TIME_UNITS, /^(\d\d)(\d\d)(\d\d(?:\.\d*)?)$/, ':', ['hour', 'minute', 'second'], amounts),
    );
  return isRead ? amounts : undefined;
}

function readIso(
  text: string,
  units: Record<string, Unit>,
  basic: RegExp,
  between: string,
  places: readonly Unit[],
  amounts: Amount[],
): boolean {
  const EACH = new RegExp(`(${NUMBER})([a-z]|${between}|$)`, 'gy');
  const parts = basic.exec(text)?.slice(1);
  if (parts) {
    for (const [at, number] of parts.entries()) amounts.push({ number, unit: places[at]!, form: 'basic' });
    return true;
  }
  let place = 0;
  while (EACH.lastIndex < text.length) {
    const [, number, end] = EACH.exec(text) ?? [];
    const unit = end === '' || end === between ? places[place++] : units[end ?? ''];
    if (number === undefined || !unit) return false;
    amounts.push({ number, unit, form: 'iso' });
  }
  return true;
}
