/**
 * What the batch stage needs to know about an e-mail address: two hashes for the filter, and a position in index order.
 * Case is ignored, as in the unique index on customers (foldedEmail.ts). Computed in one pass over the bytes, without
 * making a string.
 */
export interface EmailKey {
  /** Two hashes of the lower-cased bytes, each a signed 32-bit integer (other numbers are slower in Node). */
  hash: number;
  otherHash: number;
  /** The first ORDER_LETTERS characters as a 35-bit number that grows with them, though not strictly. */
  order: number;
}

/** Seven characters at 5 bits each, together with an 18-bit index: 53 bits, which a float64 holds exactly. */
const ORDER_LETTERS = 7;

/** Maps ASCII upper case to lower case and keeps all other bytes. */
const FOLD = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
);

/**
 * Maps a lower-cased byte to 5 bits, in byte order: one value per letter, one per two digits, and shared values for all
 * other bytes.
 */
const RANK = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte < 0x30) return 0;
  if (byte <= 0x39) return 1 + ((byte - 0x30) >> 1);
  if (byte < 0x61) return 5;
  return byte <= 0x7a ? 6 + (byte - 0x61) : 31;
});

/** Computes the key of the address in `bytes` from `start` to `end` into `key`: FNV-1a with two primes, then mixed. */
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

/** The finalizer of MurmurHash3 (fmix32): every input bit affects every output bit. */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
