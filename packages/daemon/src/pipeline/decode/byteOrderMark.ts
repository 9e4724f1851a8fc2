/** Removes the byte order mark at the start of a byte stream. */
import { BOM_BYTES, type Bom, type Encoding } from './encodings.js';

/**
 * Yields the same bytes without the encoding's byte order mark, or, if the encoding has none, without the one of UTF-8.
 * Drops only one mark: a second one is text, like any later U+FEFF.
 */
export async function* withoutBom(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array, void, undefined> {
  const own = encoding === 'gbk' ? 'gb18030' : encoding;
  const bom = BOM_BYTES[Object.hasOwn(BOM_BYTES, own) ? (own as Bom) : 'utf-8'];
  let held: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of chunks) {
    if (held === undefined) {
      yield chunk;
      continue;
    }
    const start: Uint8Array = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const compared = bom.slice(0, start.length);
    const agrees = compared.every((byte, at) => start[at] === byte);
    held = agrees && start.length < bom.length ? start : undefined;
    if (held === undefined) {
      const rest = agrees ? start.subarray(bom.length) : start;
      if (rest.length > 0) yield rest;
    }
  }
  if (held !== undefined && held.length > 0) yield held;
}
