// The hashes of a record's keys: those of src/pipeline/keys/keyHashes.ts.
import { IS_NULL, NO_KEY, PAIR_BYTES, VALUE_ENDS } from '../src/pipeline/keys/keyPairs';
import { KEY_BYTES, PART_BYTES } from '../src/pipeline/target/plain/memoryLayout';
import { COMPARED_CHAR, COMPARED_DATE, COMPARED_INTEGER, COMPARED_UUID } from '../src/rows/types/kernelKinds';
import { fieldEnd, fieldStart } from './fields';
import { isBlank } from './row';

const SPACE: u32 = 0x20;
const MINUS: u32 = 0x2d;
const ZERO: u32 = 0x30;
const UPPER_A: u32 = 0x41;

let keysAt: u32 = 0;
let keys: u32 = 0;
let low: u32 = 0;
let high: u32 = 0;

export function setKeys(at: u32, count: u32): void {
  keysAt = at;
  keys = count;
}

/** Writes the hashes of the record that was split last; false if a value has to be compared in another form. */
export function writeKeys(to: u32): bool {
  for (let index: u32 = 0; index < keys; index++) {
    const key = keysAt + index * KEY_BYTES;
    const parts = load<u32>(key);
    const nullsNotDistinct = load<u32>(key, 4) === 1;
    low = 0x811c9dc5;
    high = 0x2f0b4c47;
    let there = true;
    let part = load<u32>(key, 8);
    for (let left = parts; left > 0; left--, part += PART_BYTES) {
      let start = fieldStart(load<u32>(part));
      let end = fieldEnd(load<u32>(part));
      if (load<u32>(part, 8) === 1) {
        while (start < end && isBlank(load<u8>(start))) start++;
        while (end > start && isBlank(load<u8>(end - 1))) end--;
      }
      if (start === end) {
        mix(IS_NULL);
        if (!nullsNotDistinct) there = false;
        continue;
      }
      if (!isCompared(load<u32>(part, 4), start, end)) return false;
      for (let at = start; at < end; at++) mix(load<u8>(at));
      mix(VALUE_ENDS);
    }
    const pair = to + index * PAIR_BYTES;
    const second = finish(high, low);
    store<u32>(pair, there ? finish(low, high) : NO_KEY);
    store<u32>(pair + 4, !there ? 0 : second === 0 ? 1 : second);
  }
  return true;
}

/** Whether a value that was written is in the form in which keys are compared (src/rows/keys/comparedBytes.ts). */
function isCompared(how: u32, start: u32, end: u32): bool {
  if (how === COMPARED_INTEGER) {
    const from = <u32>load<u8>(start) === MINUS ? start + 1 : start;
    if (from === end) return false;
    if (<u32>load<u8>(from) === ZERO) return from === start && end === start + 1;
    for (let at = from; at < end; at++) if (<u32>load<u8>(at) - ZERO > 9) return false;
    return true;
  }
  if (how === COMPARED_UUID) {
    for (let at = start; at < end; at++) if (<u32>load<u8>(at) - UPPER_A < 6) return false;
    return end - start === 36;
  }
  if (how === COMPARED_CHAR) return <u32>load<u8>(end - 1) !== SPACE;
  // Dates of other lengths are in doubt, so `writeRow` has refused their records.
  if (how === COMPARED_DATE) return end - start === 10;
  return true;
}

/** @param mark a byte, or a larger number that is none */
function mix(mark: u32): void {
  low = (low ^ mark) * 0x01000193;
  high = ((high ^ mark) + (high >>> 15)) * 0x5bd1e995;
}

/** Every bit of both halves affects every bit of the result (the finalizer of MurmurHash3). */
function finish(first: u32, second: u32): u32 {
  let hash = first ^ (second >>> 7);
  hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
  hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
  return hash ^ (hash >>> 16);
}
