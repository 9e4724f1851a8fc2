/** Types of values that a variable can have. */
import { z } from 'zod';

export const port = z.coerce.number().int().min(0).max(65_535);
export const count = z.coerce.number().int().min(1);
export const bytes = z.coerce.number().int().min(1);
export const milliseconds = z.coerce.number().int().min(0);
export const text = z.string().min(1);
/** `90s`, `30m`, `12h`, `7d`; in milliseconds. `never` is undefined. */
export const duration = z
  .string()
  .regex(/^(\d{1,6}[smhd]|never)$/, 'must be a number with s, m, h or d, as in 12h or 7d, or: never')
  .transform((value) => (value === 'never' ? undefined : Number(value.slice(0, -1)) * UNITS[value.at(-1)!]!));
/** The same, without `never`. */
export const period = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, 'must be a number with s, m, h or d, as in 30m or 12h')
  .transform((value) => Number(value.slice(0, -1)) * UNITS[value.at(-1)!]!);
const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const MiB = 1024 * 1024;

export const PERCENT = 'has a percent sign that encodes nothing; write %25 for the character % itself';

/**
 * Whether each percent sign of a URL starts an encoded byte, and the bytes are UTF-8 (RFC 3986, section 2.1).
 */
export function isWellEncoded(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}
