// Finds the fields of a record: 16 bytes at a time, because a record has a delimiter every 7 bytes.

const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const QUOTE: u32 = 0x22;
const WIDTH: u32 = 16;

let delimiter: u32 = 0;
let crlf: bool = false;
/** Number of fields of each record, and where their positions are stored, 4 bytes each. */
let fields: u32 = 0;
let startsAt: u32 = 0;
let endsAt: u32 = 0;

/** Where the last record ends: before its line end, and after it. */
export let recordEnd: u32 = 0;
export let recordAfter: u32 = 0;
/** Whether it has quotes. */
export let quoted: bool = false;

/** @param lineEnd 1 if lines end with CRLF, 0 for LF */
export function setFormat(byte: u32, lineEnd: u32, count: u32, starts: u32, ends: u32): void {
  delimiter = byte;
  crlf = lineEnd === 1;
  fields = count;
  startsAt = starts;
  endsAt = ends;
}

export function fieldStart(position: u32): u32 {
  return load<u32>(startsAt + (position << 2));
}

export function fieldEnd(position: u32): u32 {
  return load<u32>(endsAt + (position << 2));
}

/**
 * Finds the fields of the record that starts at `from`. Returns false for one that needs a closer look: another number of fields,
 * another line end, a line end or a quote within quotes, quotes in other places than around a field, or no end before `end`.
 */
export function split(from: u32, end: u32): bool {
  const delimiters = i8x16.splat(<i8>delimiter);
  const lfs = i8x16.splat(<i8>LF);
  const crs = i8x16.splat(<i8>CR);
  const quotes = i8x16.splat(<i8>QUOTE);
  let start = from;
  let count: u32 = 0;
  let opened = false;
  quoted = false;
  for (let at = from; at < end; at += WIDTH) {
    const text = v128.load(at);
    const lines = v128.or(i8x16.eq(text, lfs), i8x16.eq(text, crs));
    const marks = v128.or(i8x16.eq(text, delimiters), i8x16.eq(text, quotes));
    let found = <u32>i8x16.bitmask(v128.or(lines, marks));
    for (; found !== 0; found &= found - 1) {
      const place = at + ctz(found);
      if (place >= end) return false;
      const byte = <u32>load<u8>(place);
      if (byte === QUOTE) {
        if (!opened) {
          if (place !== start) return false;
          opened = true;
          quoted = true;
          continue;
        }
        const next = <u32>load<u8>(place + 1);
        if (place + 1 >= end || (next !== delimiter && next !== LF && next !== CR)) return false;
        opened = false;
        // Its end is here, not at the delimiter that comes next.
        store<u32>(startsAt + (count << 2), start + 1);
        store<u32>(endsAt + (count << 2), place);
        start = 0;
        continue;
      }
      if (opened) {
        if (byte === delimiter) continue;
        return false;
      }
      if (count === fields) return false;
      if (start !== 0) {
        store<u32>(startsAt + (count << 2), start);
        store<u32>(endsAt + (count << 2), place);
      }
      count++;
      if (byte === delimiter) {
        start = place + 1;
        continue;
      }
      recordEnd = place;
      recordAfter = place + 1;
      if (crlf) {
        if (byte !== CR || recordAfter >= end || <u32>load<u8>(recordAfter) !== LF) return false;
        recordAfter++;
      } else if (byte !== LF) return false;
      return count === fields;
    }
  }
  return false;
}
