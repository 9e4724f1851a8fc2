/**
 * Which offsets from UTC a local time may have in a time zone: one; none, where clocks were put forward past it; two, where they were
 * put back over it. The transitions are those of the tz database that Node has (Intl), so that a check and a load say the same.
 */

/** Seconds east of UTC, the earlier instant first. @param days since 1970-01-01 @param seconds of that day, on the clocks of the zone */
type OffsetsOf = (days: number, seconds: number) => readonly number[];

const SECONDS_A_DAY = 86_400;
const HALF_A_DAY = SECONDS_A_DAY / 2;
/** No offset is as large. */
const LARGEST = 16 * 3_600;
/** Days of 400 years, after which the calendar and the rules of a zone repeat. */
const CYCLE_DAYS = 146_097;
/** From 2400-01-01 on, days are looked up in the cycle before: dates of JavaScript end before PostgreSQL's last year. */
const FIRST_REPEATED = 157_054;
/** Days that are kept in mind: a file has few. */
const MOST_DAYS = 50_000;

/** @param timeZone a name that `timeZoneFault` has nothing against */
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

  /** The offsets that the zone has around a day. Two transitions of a zone are more than half a day apart. */
  function offsetsAround(day: number): readonly number[] {
    const known = byDay.get(day);
    if (known) return known;
    const found = new Set<number>();
    const start = day * SECONDS_A_DAY - LARGEST;
    const end = (day + 1) * SECONDS_A_DAY + LARGEST;
    for (let at = start; at < end; at += HALF_A_DAY) found.add(offsetAt(at));
    found.add(offsetAt(end));
    if (byDay.size >= MOST_DAYS) byDay.clear();
    // The larger the offset, the earlier the instant of a local time.
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
