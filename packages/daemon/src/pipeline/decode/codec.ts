/** Text of bytes, by the tables of iconv-lite; and by ours where it has none. */
import iconv from 'iconv-lite';
import type { Encoding } from './encodings.js';

/** How iconv-lite calls an encoding; the same name where this does not say. */
const NAMES: Partial<Record<Encoding, string>> = {
  'x-mac-cyrillic': 'macukraine',
  'iso-8859-8-i': 'iso-8859-8',
  // As in the WHATWG Encoding Standard: its decoder is that of GB 18030.
  gbk: 'gb18030',
};

/** The text of whole bytes; U+FFFD for what the encoding cannot read. */
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
