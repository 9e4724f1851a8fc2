/**
 * Time zones as people name them: an area and a place of the tz database (`Europe/Berlin`), `UTC`, or an offset
 * (`+02:00`).
 */
import { nearest } from '../misspelt.js';

/** PostgreSQL accepts offsets below 16 hours. */
const OFFSET = /^[+-](?:0\d|1[0-5]):[0-5]\d$/;
const WITHOUT_AREA = ['UTC', 'GMT'];

/**
 * Returns what is wrong with the name of a time zone, as the end of a sentence, or undefined if it is known.
 * Abbreviations are refused: `IST` is the time of India, of Ireland and of Israel.
 */
export function timeZoneFault(name: string): string | undefined {
  if (OFFSET.test(name) || WITHOUT_AREA.includes(name)) return undefined;
  if (name.includes('/') && isKnown(name)) return undefined;
  const near = nearestZone(name);
  const hint =
    near === undefined ? 'use one as "Europe/Berlin", "UTC" or "+02:00"' : `did you mean "${near}"?`;
  return `${JSON.stringify(name)} is no time zone; ${hint}`;
}

function isKnown(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Finds the zone of a place without its area, otherwise a name with a typo. */
function nearestZone(name: string): string | undefined {
  const zones = [...Intl.supportedValuesOf('timeZone'), ...WITHOUT_AREA];
  const place = name.trim().toLowerCase().replaceAll(' ', '_');
  return zones.find((zone) => zone.toLowerCase().endsWith(`/${place}`)) ?? nearest(name.trim(), zones);
}
