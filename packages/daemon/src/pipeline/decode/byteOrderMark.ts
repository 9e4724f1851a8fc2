/** Takes the byte order mark off the front of a byte stream. */
import { BOM_BYTES, type Bom, type Encoding } from './encodings.js';

/**
 * The same bytes without the byte order mark of the encoding; before an encoding that has none, without that of
 * UTF-8. Only one mark is dropped: a second one is text, as any U+FEFF later in the file is.
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
