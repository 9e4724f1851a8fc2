/** Entries of a spec that work for other tables, but not for `customers`. */
import type { Spec, Target } from '@csvjobs/shared';
import { CUSTOMERS_TARGET } from '@csvjobs/shared/reading';
import { Failure } from '../failure.js';

/** What is wrong with a spec, and the options that overrule it if there are any. */
export interface Fault {
  says: string;
  overruledBy?: readonly string[];
}

const KEY_OF_CUSTOMERS: Fault = { says: 'csvjobs.key of customers is email; leave it out' };

export const sentences = (faults: readonly Fault[]) => faults.map(({ says }) => says).join('; ');

/** The failure for a file whose columns fit, with a spec that has entries without a meaning for `customers`. */
export function noMeaning(faults: readonly Fault[]): Failure {
  const options = faults.flatMap(({ overruledBy }) => overruledBy ?? []);
  return new Failure(
    faults.every((each) => each === KEY_OF_CUSTOMERS) ? 'key_unusable' : 'spec_mismatch',
    `${sentences(faults)}. The columns of the file fit.`,
    { options: faults.every(({ overruledBy }) => overruledBy) ? options : undefined },
  );
}

/** Returns the entries of a spec that have no meaning for `customers`. */
export function unusable(spec: Spec | undefined, target: Target): Fault[] {
  const { mode, key, trim, lookup, quotedEmpty, blanks = {} } = spec?.csvjobs ?? {};
  const faults: Fault[] = [];
  if (mode !== undefined && mode !== 'reject' && target === CUSTOMERS_TARGET)
    faults.push({
      says: `csvjobs.mode cannot be "${mode}": the first customer with an e-mail is kept; leave it out`,
    });
  if (blanks === 'default' || Object.values(blanks).includes('default'))
    faults.push({
      says: 'csvjobs.blanks cannot be "default" for customers, whose columns have no DEFAULT; leave it out',
    });
  if (lookup !== undefined)
    faults.push({
      says: 'csvjobs.lookup is not supported for customers, whose columns are not keys; leave it out',
    });
  if (key !== undefined && (key.length !== 1 || key[0] !== 'email')) faults.push(KEY_OF_CUSTOMERS);
  if (quotedEmpty === 'text')
    faults.push({
      says: 'csvjobs.quotedEmpty cannot be "text" for customers, whose phone and company are never empty texts; leave it out',
      overruledBy: ['--quoted-empty', 'missing'],
    });
  if (trim === false)
    faults.push({
      says: 'csvjobs.trim cannot be false: customers are stored without blanks around values; leave it out',
    });
  return faults;
}
