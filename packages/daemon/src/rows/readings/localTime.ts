/** Reads times without an offset in a zone that the spec declares: adds the offset that the zone has at that time. */
import { trimmed } from '../blanks.js';
import { clock, partsOf, timeOf, written } from '../keys/dateTimeText.js';
import { isoLocal, local } from '../types/dateTime.js';
import { judgeTimestamp, TIMESTAMP } from '../types/dateTimeJudge.js';
import { changeItems } from '../types/literalItems.js';
import { DOUBT, type Fault } from '../types/typeRule.js';
import { type FormReader, Scratch } from './form.js';
import { createZoneOffsets } from './zoneOffsets.js';

const MS_A_DAY = 86_400_000;
const MICROS_A_SECOND = 1_000_000;
const DECIMALS = 6;
/** Days from 1970-01-01 to 2000-01-01, where `isoLocal` starts counting. */
const DAYS_TO_2000 = 10_957;
const CYCLE_DAYS = 146_097;
const MINUTE = 60;

/**
 * @param of what to read: the value, or all items of an array or a range
 * @param form how the file writes the value
 */
export function localTimeForm(
  timeZone: string,
  of: 'value' | 'items',
  form: FormReader | undefined,
): FormReader {
  const offsetsOf = createZoneOffsets(timeZone);
  const inner = new Scratch();
  const suffixes = new Map<number, Buffer>();

  /**
   * Adds the offset to a text. Returns the text unchanged if it has one, or is not a timestamp; the type's rule judges
   * it.
   */
  function read(text: string): { text: string } | { fault: Fault } {
    const [, date = '', time = '00:00', offset] = TIMESTAMP.exec(text) ?? [];
    if (offset !== undefined || judgeTimestamp(text, DECIMALS, false) !== undefined) return { text };
    const { year, month, day } = partsOf(date);
    const { ms, fraction } = timeOf(time);
    const days = daysOf(year, month, day);
    const [first, second] = offsetsOf(days, ms / 1_000);
    if (first === undefined) return { fault: { code: 'time_skipped', params: { value: text, timeZone } } };
    if (second !== undefined) {
      const shown = { first: offsetText(first), second: offsetText(second) };
      return { fault: { code: 'time_repeated', params: { value: text, timeZone, ...shown } } };
    }
    // Before standard time, offsets had seconds, which ISO 8601 cannot express.
    if (first % MINUTE !== 0) return { text: `${utcText(days, ms - first * 1_000)}${fraction}+00:00` };
    return { text: `${written(year, month, day)} ${clock(ms)}${fraction}${offsetText(first)}` };
  }

  function readItems(literal: string): { text: string } | { fault: Fault } {
    let fault: Fault | undefined;
    const text = changeItems(literal, (item) => {
      const found = read(item);
      if ('fault' in found) fault ??= found.fault;
      return 'fault' in found || found.text === item ? undefined : found.text;
    });
    return fault ? { fault } : { text };
  }

  /**
   * Rewrites the usual form without making a string. Returns DOUBT for other forms, and if there is not exactly one
   * offset.
   */
  function rewriteUsual(bytes: Uint8Array, start: number, end: number, out: Scratch): number {
    if (!isoLocal(bytes, start, end)) return DOUBT;
    const offsets = offsetsOf(local.days + DAYS_TO_2000, Math.floor(local.micros / MICROS_A_SECOND));
    const offset = offsets[0]!;
    if (offsets.length !== 1 || offset % MINUTE !== 0) return DOUBT;
    let suffix = suffixes.get(offset);
    if (suffix === undefined) {
      suffix = Buffer.from(offsetText(offset));
      suffixes.set(offset, suffix);
    }
    const length = end - start;
    const to = out.makeRoom(length + suffix.length);
    to.set(bytes.subarray(start, end));
    to.set(suffix, length);
    return length + suffix.length;
  }

  const readText = of === 'value' ? read : readItems;
  return {
    rewrite(bytes, start, end, out) {
      let [from, first, last] = [bytes, start, end];
      if (form) {
        const length = form.rewrite(bytes, start, end, inner);
        if (length === DOUBT) return DOUBT;
        [from, first, last] = [inner.bytes, 0, length];
      }
      const usual = of === 'value' ? rewriteUsual(from, first, last, out) : DOUBT;
      if (usual !== DOUBT) return usual;
      const found = readText(textOf(from, first, last));
      if ('fault' in found) return DOUBT;
      const text = Buffer.from(found.text);
      out.makeRoom(text.length).set(text);
      return text.length;
    },
    fault(text) {
      const bytes = Buffer.from(text);
      const length = form?.rewrite(bytes, 0, bytes.length, inner);
      if (length === DOUBT) return form!.fault(text);
      const found = readText(length === undefined ? text : textOf(inner.bytes, 0, length));
      const { fault } = found as { fault: Fault };
      // Name the file's own text, because that is what the user looks for in the file.
      return { ...fault, params: { ...fault.params, value: trimmed(text) } } as Fault;
    },
  };
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** Returns the number of days since 1970-01-01, also for years beyond JavaScript's range. */
function daysOf(year: number, month: number, day: number): number {
  const cycles = Math.floor(year / 400);
  const inCycle = Date.UTC(2_000 + year - cycles * 400, month - 1, day) / MS_A_DAY;
  return inCycle + (cycles - 5) * CYCLE_DAYS;
}

/** @param ms milliseconds of the day; may be in the previous or the next day */
function utcText(days: number, ms: number): string {
  const [date = '', rest = ''] = new Date(days * MS_A_DAY + ms).toISOString().split('T');
  return `${date} ${rest.slice(0, 'HH:MM:SS'.length)}`;
}

/** Formats an offset in seconds as `+05:30`; omits the seconds of an old offset. */
function offsetText(seconds: number): string {
  const minutes = Math.floor(Math.abs(seconds) / MINUTE);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
