/** A time as a sentence has it, to the minute and in UTC, because it may be read in another time zone: `2026-11-26 15:04 UTC`. */
export function utcMinute(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
