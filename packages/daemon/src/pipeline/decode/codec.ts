/** Decodes bytes to text with the tables of iconv-lite, or with our own if it has none. */
import iconv from 'iconv-lite';
import type { Encoding } from './encodings.js';

/** The names that iconv-lite uses for encodings, if they differ from ours. */
const NAMES: Partial<Record<Encoding, string>> = {
  'x-mac-cyrillic': 'macukraine',
  'iso-8859-8-i': 'iso-8859-8',
  // As in the WHATWG Encoding Standard, gbk is decoded as GB 18030.
  gbk: 'gb18030',
};

/** Decodes complete characters. Bytes that the encoding cannot read become U+FFFD. */
export function textIn(bytes: Uint8Array, encoding: Encoding): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'x-user-defined')
    return buffer
      .toString('latin1')
      .replace(/[\x80-\xff]/g, (one) => String.fromCharCode(0xf700 + one.charCodeAt(0)));
  return iconv.decode(buffer, iconvName(encoding), { stripBOM: false });
}

function iconvName(encoding: Encoding): string {
  return NAMES[encoding] ?? encoding;
}
