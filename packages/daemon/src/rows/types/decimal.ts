/** The exact value of a written number: digits without zeros at either end, times a power of ten. */
export interface Decimal {
  /** Empty for zero. */
  digits: string;
  exponent: number;
}

/** Reads `-12.50` or `1.25e1`, without the sign; undefined for anything else, also for `NaN`, `1_000` and `1,5`. */
export function decimalOf(text: string): Decimal | undefined {
  const match = /^[+-]?(\d*)(?:\.(\d*))?(?:e([+-]?)0*(\d{1,6}))?$/i.exec(text);
  if (!match) return undefined;
  const [, whole = '', decimals = '', sign = '', power = '0'] = match;
  if (whole === '' && decimals === '') return undefined;
  const all = (whole + decimals).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { digits, exponent: Number(sign + power) - decimals.length + all.length - digits.length };
}
