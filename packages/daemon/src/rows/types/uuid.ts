/**
 * The rule of uuid: its usual form, 32 hexadecimal digits in groups of 8-4-4-4-12 (RFC 9562). PostgreSQL itself reads
 * other forms.
 */
import { hexDigit } from './hex.js';
import { UUID } from './kernelKinds.js';
import { DOUBT, type TypeRule } from './typeRule.js';

const HYPHEN = 0x2d;
const LENGTH = 36;

/**
 * All forms that PostgreSQL reads (manual, section 8.12), without braces: hyphens after any group of four digits, or
 * none.
 */
const ANY_FORM = /^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i;

export const uuidRule: TypeRule = {
  trims: true,
  kernel: { kind: UUID },
  judge: (value) => (isUuid(value) ? undefined : { code: 'not_a_uuid', params: { value } }),
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

function isUuid(text: string): boolean {
  return ANY_FORM.test(text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text);
}
