/** uuid in its usual form: 32 hexadecimal digits in groups of 8-4-4-4-12 (RFC 9562); other forms are doubted. */
import { hexDigit } from './hex.js';
import { DOUBT, type ValueWriter } from './valueWriter.js';

const HYPHEN = 0x2d;
const LENGTH = 36;

export const uuidWriter: ValueWriter = {
  write(bytes, start, end, out, at) {
    if (end - start !== LENGTH) return DOUBT;
    let to = at;
    for (let from = start; from < end; from += 2) {
      const place = from - start;
      if (place === 8 || place === 13 || place === 18 || place === 23) {
        if (bytes[from] !== HYPHEN) return DOUBT;
        from++;
      }
      const value = hexDigit(bytes[from]!) * 16 + hexDigit(bytes[from + 1]!);
      if (value < 0) return DOUBT;
      out.setUint8(to++, value);
    }
    return to;
  },
};
