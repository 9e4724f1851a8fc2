/**
 * Finds the offsets from UTC that a local time may have in a time zone: usually one; none if clocks were moved forward
 * past it; two if they were moved back over it. The transitions are those of Node's tz database (Intl), so that a check
 * and a load agree.
 */

/**
 * Returns seconds east of UTC, the earlier instant first.
 * @param days since 1970-01-01
 * @param seconds of that day, on the clocks of the zone
 */
type OffsetsOf = (days: number, seconds: number) => readonly number[];

const SECONDS_A_DAY = 86_400;
const HALF_A_DAY = SECONDS_A_DAY / 2;
/** All offsets are smaller than this. */
const LARGEST = 16 * 3_600;
/** Days in 400 years, after which the calendar and the rules of a zone repeat. */
const CYCLE_DAYS = 146_097;
/** From 2400-01-01, days are looked up in an earlier cycle: JavaScript's dates end before PostgreSQL's last year. */
const FIRST_REPEATED = 157_054;
/** Maximum number of days to cache; a file has few. */
const MOST_DAYS = 50_000;

/** @param timeZone a name that `timeZoneFault` accepts */
export function createZoneOffsets(timeZone: string): OffsetsOf {
  const fixed = /^([+-])(\d\d):(\d\d)$/.exec(timeZone);
  if (fixed) {
    const always = [secondsOf(fixed)];
    return () => always;
  }
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const offsetAt = (seconds: number) =>
    secondsOf(/GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(seconds * 1_000))!);
  const byDay = new Map<number, readonly number[]>();

  /** Returns the zone's offsets around a day. Assumes that two transitions of a zone are more than half a day apart. */
  function offsetsAround(day: number): readonly number[] {
    const known = byDay.get(day);
    if (known) return known;
    const found = new Set<number>();
    const start = day * SECONDS_A_DAY - LARGEST;
    const end = (day + 1) * SECONDS_A_DAY + LARGEST;
    for (let at = start; at < end; at += HALF_A_DAY) found.add(offsetAt(at));
    found.add(offsetAt(end));
    if (byDay.size >= MOST_DAYS) byDay.clear();
    // The larger the offset, the earlier the instant of the local time.
    const offsets = [...found].sort((a, b) => b - a);
    byDay.set(day, offsets);
    return offsets;
  }

  return (days, seconds) => {
    const cycles = Math.max(0, Math.floor((days - FIRST_REPEATED) / CYCLE_DAYS) + 1);
    const day = days - cycles * CYCLE_DAYS;
    const offsets = offsetsAround(day);
    if (offsets.length === 1) return offsets;
    const local = day * SECONDS_A_DAY + seconds;
    return offsets.filter((offset) => offsetAt(local - offset) === offset);
  };
}

function secondsOf([, sign, hours = '0', minutes = '0', seconds = '0']: RegExpExecArray): number {
  return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds));
}
