/** SQL for values in PostgreSQL's binary format, which its `…send` functions write (src/backend/utils/adt). */

const WHOLE_BYTES: Record<string, number> = { int2: 2, int4: 4, int8: 8 };

/**
 * Returns SQL for a value of a type of pg_catalog; undefined for other types, and for dates and times that are infinite.
 * @param type its name in pg_type
 */
export function binaryLiteral(type: string, bytes: Buffer): string | undefined {
  switch (type) {
    case 'int2':
    case 'int4':
    case 'int8':
      return `'${wholeNumber(bytes)}'::${type}`;
    case 'uuid':
      return `'${bytes.toString('hex')}'::uuid`;
    case 'date':
      return isInfinite(bytes) ? undefined : `('2000-01-01'::date + ${wholeNumber(bytes)})`;
    case 'timestamp':
    case 'timestamptz':
      return isInfinite(bytes)
        ? undefined
        : `('2000-01-01 00:00+00'::${type} + '${wholeNumber(bytes)} microseconds'::interval)`;
    default:
      return undefined;
  }
}

/** A whole number with a sign, of 2, 4 or 8 bytes. */
export function wholeNumber(bytes: Buffer): bigint {
  if (bytes.length === WHOLE_BYTES.int8) return bytes.readBigInt64BE();
  return BigInt(bytes.readIntBE(0, bytes.length));
}

/** The least and the greatest number stand for `-infinity` and `infinity`. */
function isInfinite(bytes: Buffer): boolean {
  const number = wholeNumber(bytes);
  const most = 2n ** BigInt(8 * bytes.length - 1) - 1n;
  return number === most || number === -most - 1n;
}
