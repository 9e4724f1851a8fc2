/**
 * Rules for types that PostgreSQL itself reads, but too leniently for a file: it would silently truncate, round or
 * guess. These rules check the text first; PostgreSQL reads the texts that pass.
 */
import type { TargetType } from '@csvjobs/shared';
import { keepsPointInTime } from '../readings/fits.js';
import { judgeTimestamp } from './dateTimeJudge.js';
import { literalItems } from './literalItems.js';
import { DOUBT, type Fault, type TypeRule } from './typeRule.js';

/** NAMEDATALEN - 1 (PostgreSQL manual, section 4.1.1). */
const NAME_BYTES = 63;
/** Number of decimals of a second that PostgreSQL stores (manual, table 8.9). */
const SECOND_DIGITS = 6;
const TIME_WITH_ZONE = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)$/i;

const LOOKS: Record<string, (value: string) => Fault | undefined> = {
  money: (value) => unless(/^-?\d+(\.\d{1,2})?$/.test(value), { code: 'not_a_number', params: { value } }),
  char: (value) => tooLong(value, 1),
  name: (value) => tooLong(value, NAME_BYTES),
  xid: (value) => unless(/^\d+$/.test(value), { code: 'not_an_integer', params: { value } }),
  xid8: (value) => unless(/^\d+$/.test(value), { code: 'not_an_integer', params: { value } }),
  cid: (value) => unless(/^\d+$/.test(value), { code: 'not_an_integer', params: { value } }),
  timetz: (value) => unless(TIME_WITH_ZONE.test(value), { code: 'not_a_time', params: { value } }),
  interval: (value) =>
    unless(!/\.\d{7}/.test(value), { code: 'too_many_decimals', params: { value, scale: SECOND_DIGITS } }),
};

/** Returns the check for a type that has no rule of its own; undefined if PostgreSQL alone may decide. */
export function carefulRule(type: TargetType): TypeRule | undefined {
  const { kind, name, system } = type;
  const look = kind === 'base' && system ? LOOKS[name] : undefined;
  const judge = look ?? (keepsPointInTime(type) ? withoutZone : undefined);
  return judge && { trims: name !== 'name' && name !== 'char', write: () => DOUBT, judge };
}

/** Refuses ranges with a bound without an offset, which would be read as UTC. */
function withoutZone(value: string): Fault | undefined {
  const bound = literalItems(value).find((item) => judgeTimestamp(item, SECOND_DIGITS, false) === undefined);
  return unless(bound === undefined, { code: 'time_zone_missing', params: { value: bound ?? value } });
}

function unless(holds: boolean, fault: Fault): Fault | undefined {
  return holds ? undefined : fault;
}

/** Checks the length in bytes, which these types count. */
function tooLong(value: string, max: number): Fault | undefined {
  const length = Buffer.byteLength(value);
  return unless(length <= max, { code: 'too_long', params: { length, max } });
}
