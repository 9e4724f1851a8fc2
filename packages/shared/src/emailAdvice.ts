/** The faults of an e-mail address for which csvjobs can say what to fix. */

const ADVICE = {
  several: 'several addresses in one field; keep one',
  name: 'a name beside the address; keep the address alone',
  space: 'a space inside; remove it',
  noDomain: 'the part behind the @ is missing',
  noDot: 'the domain has no ending such as .com',
} as const;

type Wrong = keyof typeof ADVICE;
const ALL = Object.keys(ADVICE) as Wrong[];

/**
 * Number of the fault that a trimmed value has, starting at 1, or 0 for any other value. Values with the same number
 * get the same message.
 */
export function emailFault(value: string): number {
  const fault = wrongWith(value);
  return fault === undefined ? 0 : ALL.indexOf(fault) + 1;
}

/** The `customers` message for a trimmed value that is not an address. */
export function emailMessage(value: string): string {
  return `email is ${notAnAddress(value)}`;
}

/** Describes a trimmed value that is not an address: in the same words for all values with the same `emailFault`. */
export function notAnAddress(value: string): string {
  const fault = wrongWith(value);
  return `not a valid address${fault === undefined ? '' : `: ${ADVICE[fault]}`}`;
}

function wrongWith(value: string): Wrong | undefined {
  const at = value.indexOf('@');
  if (at === -1) return undefined;
  if (value.indexOf('@', at + 1) !== -1) return /[\s,;|/&]/u.test(value) ? 'several' : undefined;
  if (value.includes('<')) return 'name';
  if (at === value.length - 1) return 'noDomain';
  if (/\s/u.test(value)) return 'space';
  return at > 0 && !value.includes('.', at) ? 'noDot' : undefined;
}
