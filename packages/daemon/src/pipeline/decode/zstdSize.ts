/** Reads the size of the content that a zstd file declares (RFC 8878 section 3.1.1.1.4), from its first bytes. */

const FRAME = 0xfd2fb528;
/** The first of the 16 magic numbers of skippable frames. */
const SKIPPABLE = 0x184d2a50;

/**
 * Returns the size that the first frame declares, in bytes; undefined if it declares none (as when zstd reads from a
 * pipe), or if `head` is too short. Ignores further frames. A decoder refuses a frame whose size differs, so a readable
 * file cannot declare more than it contains.
 */
export function declaredSize(head: Uint8Array): number | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  let at = 0;
  while (at + 8 <= bytes.length && (bytes.readUInt32LE(at) & ~0xf) >>> 0 === SKIPPABLE)
    at += 8 + bytes.readUInt32LE(at + 4);
  if (at + 5 > bytes.length || bytes.readUInt32LE(at) !== FRAME) return undefined;
  const descriptor = bytes[at + 4]!;
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const from = at + 5 + (singleSegment ? 0 : 1) + dictionaryBytes;
  if (sizeBytes === 0 || from + sizeBytes > bytes.length) return undefined;
  if (sizeBytes === 8) return Number(bytes.readBigUInt64LE(from));
  // A two-byte size starts at 256, because smaller sizes take one byte.
  return bytes.readUIntLE(from, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
}
