/** How much a zstd file says that it holds (RFC 8878 section 3.1.1.1.4), read from its head alone. */

const FRAME = 0xfd2fb528;
/** The first of the sixteen magic numbers of skippable frames. */
const SKIPPABLE = 0x184d2a50;

/**
 * The size that the first frame declares, in bytes; undefined where it declares none (zstd does not when it is given a
 * pipe), or where `head` is too short. Of several frames it is that of the first alone. A decoder takes no frame whose
 * size is another, so a file cannot say more than it holds and still be read.
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
  // Two bytes begin at 256: less has one.
  return bytes.readUIntLE(from, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
}
