/** What is wrong with an e-mail address that is none, where a person can see from it what to do. */

const ADVICE = {
  several: 'several addresses in one field; keep one',
  name: 'a name beside the address; keep the address alone',
  space: 'a space inside; remove it',
  noDomain: 'the part behind the @ is missing',
  noDot: 'the domain has no ending such as .com',
} as const;

type Wrong = keyof typeof ADVICE;
const ALL = Object.keys(ADVICE) as Wrong[];

/** Which of the faults a trimmed value has, counted from 1; 0 for any other. Values of one number are refused in the same words. */
export function emailFault(value: string): number {
  const fault = wrongWith(value);
  return fault === undefined ? 0 : ALL.indexOf(fault) + 1;
}

/** The message of customers for a trimmed value that is no address. */
export function emailMessage(value: string): string {
  return `email is ${notAnAddress(value)}`;
}

/** What a trimmed value is that is no address: the same words for all values of one `emailFault`. */
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
