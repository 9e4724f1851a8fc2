/**
 * What the batch stage needs of an e-mail address: two hashes for the filter, and a place in the order of the index.
 * Case does not count, as in the unique index on customers (foldedEmail.ts). One pass over the bytes, without a string.
 */
export interface EmailKey {
  /** Two hashes, each a signed integer of 32 bits (others are slower in Node), of the lower-cased bytes. */
  hash: number;
  otherHash: number;
  /** The first ORDER_LETTERS characters as a number that rises with them (not strictly): 35 bits. */
  order: number;
}

/** Seven characters at 5 bits each, beside an index of 18 bits: 53 bits, what a float64 holds exactly. */
const ORDER_LETTERS = 7;

/** ASCII upper case to lower case; all other bytes stay. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/** A lower-cased byte as 5 bits, in the order of the bytes: letters apart, digits by two, all else thrown together. */
const RANK = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x30) return 0;
  if (byte <= 0x39) return 1 + ((byte - 0x30) >> 1);
  if (byte < 0x61) return 5;
  return byte <= 0x7a ? 6 + (byte - 0x61) : 31;
});

/** The key of the address in `bytes` from `start` to `end`, put into `key`. FNV-1a with two primes, then mixed. */
export function emailKey(bytes: Uint8Array, start: number, end: number, key: EmailKey): void {
  let hash = 0x811c9dc5 | 0;
  let other = 0x2f0b4c47 | 0;
  for (let at = start; at < end; at++) {
    const byte = FOLD[bytes[at]!]!;
    hash = Math.imul(hash ^ byte, 0x01000193);
    other = Math.imul(other ^ byte, 0x5bd1e995);
  }
  let order = 0;
  for (let at = start; at < start + ORDER_LETTERS; at++)
    order = order * 32 + (at < end ? RANK[FOLD[bytes[at]!]!]! : 0);
  key.hash = mixed(hash);
  key.otherHash = mixed(other);
  key.order = order;
}

/** The finaliser of MurmurHash3 (fmix32): every bit of the input moves every bit of the output. */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
