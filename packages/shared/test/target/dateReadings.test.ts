/** Dates whose format is unknown: what is said of them is true of their value. */
import { expect, it } from 'vitest';
import { adviceOf } from '../../src/target/advice.js';
import { headingOf, sentenceOf, type TargetReason } from '../../src/target/reasons.js';

const said = (value: string, timestamp?: true) => {
  const reason: TargetReason = {
    code: 'date_format_unknown',
    params: { value, ...(timestamp && { timestamp }) },
  };
  return [sentenceOf(reason), headingOf(reason), adviceOf(reason)];
};
const SEVERAL = 'can be read as more than one date';

it.each(['03/04/2026', '4.3.2026', '1-2-26', '31/12/26', '12/12/26', '1/2/3'])(
  '%s has several readings',
  (value) => {
    expect(said(value).slice(0, 2)).toEqual([`"${value}" ${SEVERAL}`, SEVERAL]);
  },
);

it.each([
  ['31.12.2026', 'Add --date-format %d.%m.%Y to the upload.'],
  ['12/31/2026', 'Add --date-format %m/%d/%Y to the upload.'],
  ['31/12/2026', 'Add --date-format %d/%m/%Y to the upload.'],
  ['12/31/26', 'Add --date-format %m/%d/%y to the upload.'],
  ['4/4/2026', 'Add --date-format %d/%m/%Y to the upload, or %m first where that is the month.'],
  ['30/02/2026', 'Add --date-format %d/%m/%Y to the upload.'],
])('%s has one reading or none', (value, advice) => {
  const form = 'not in the form YYYY-MM-DD';
  expect(said(value)).toEqual([`"${value}" is ${form}`, form, advice]);
});

it('a timestamp', () => {
  const form = 'not in the form YYYY-MM-DD HH:MM:SS';
  const advice = "Add --timestamp-format '%m/%d/%Y %H:%M' to the upload.";
  expect(said('12/31/2026 17:00', true)).toEqual([`"12/31/2026 17:00" is ${form}`, form, advice]);
  expect(said('12/11/2026 17:00', true)[1]).toBe(SEVERAL);
});
