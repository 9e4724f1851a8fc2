/**
 * The row that csvjobs loads: its columns, the header names that stand for them, and the rules for a value (as a schema:
 * customerSchema.ts). No other file names one of these columns. A column that a migration adds to the table is loaded by
 * its own type; customersSpec.ts holds any further rules for its values.
 */
import { foldName } from './target/headers.js';
import type { Target, TargetColumn } from './target/target.js';

/** The columns of a customer, in the order of the table, of COPY and of the error report. */
export const CUSTOMER_COLUMNS = ['name', 'email', 'phone', 'company'] as const;

export type CustomerColumn = (typeof CUSTOMER_COLUMNS)[number];

/** The columns that a file's header must have. */
export const REQUIRED_COLUMNS = ['name', 'email', 'company'] as const satisfies readonly CustomerColumn[];

/** Other header names for a column, as `foldName` writes them. The spec of a file may add more. */
export const CUSTOMER_ALIASES: Record<CustomerColumn, readonly string[]> = {
  name: ['name', 'fullname', 'customername', 'contactname', 'contact', 'customer'],
  email: ['email', 'emailaddress', 'mail', 'mailaddress', 'emailid'],
  phone: [
    'phone',
    'phonenumber',
    'phoneno',
    'telephone',
    'telephonenumber',
    'tel',
    'mobile',
    'mobilephone',
    'mobilenumber',
    'cell',
    'cellphone',
  ],
  company: [
    'company',
    'companyname',
    'organisation',
    'organization',
    'organisationname',
    'organizationname',
    'org',
    'employer',
    'business',
    'businessname',
  ],
};

const COLUMN_BY_KEY = new Map<string, CustomerColumn>(
  CUSTOMER_COLUMNS.flatMap((column) => CUSTOMER_ALIASES[column].map((alias) => [alias, column] as const)),
);

/** Returns the column that a header name stands for, or undefined if there is none. */
export function columnFor(name: string): CustomerColumn | undefined {
  return COLUMN_BY_KEY.get(foldName(name));
}

/**
 * The table as headers and specs see it, so that they are read like those of any other table. csvjobs fills its other
 * columns. The target is built in because checking a file needs no database.
 */
export const CUSTOMERS_TARGET: Target = {
  table: { schema: 'public', name: 'customers' },
  kind: 'table',
  columns: CUSTOMER_COLUMNS.map(targetColumn),
  keys: [
    {
      name: 'customers_email_key',
      primary: false,
      parts: [{ column: null, expression: 'csvjobs_email_key(email)', deterministic: true }],
      columns: ['email'],
      predicate: null,
      nullsNotDistinct: false,
      deferrable: false,
    },
  ],
  checks: [],
  foreignKeys: [],
  exclusions: [],
  triggers: [],
  rules: [],
  rowSecurity: false,
  partitionKey: null,
  fingerprint: '0'.repeat(64),
};

function targetColumn(name: CustomerColumn): TargetColumn {
  const notNull = (REQUIRED_COLUMNS as readonly string[]).includes(name);
  const text = { sql: 'text', base: 'text', kind: 'base', name: 'text', system: true } as const;
  return {
    name,
    type: { ...text, typmod: -1, element: null, labels: null, domain: null },
    notNull,
    default: null,
    identity: null,
    generated: null,
    insertable: true,
    collation: null,
    comment: null,
  };
}

/** RFC 5321 section 4.5.3.1: a local part has at most 64 octets, a path 256 with its brackets, so an address 254. */
export const MAX_EMAIL_LENGTH = 254;
const MAX_LOCAL_PART_LENGTH = 64;

/**
 * The pattern of `z.email()` (zod 4.6), which a test compares with zod's own: loading zod takes 0.08 CPU seconds, and the
 * thread that reads a file may need nothing else of it. A failing schema would also build an Error (4 µs) for each bad
 * value.
 */
export const EMAIL_PATTERN =
  /^(?:[A-Za-z0-9_'+-]+\.)*[A-Za-z0-9_'+-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;

/**
 * Whether a trimmed value is an e-mail address. The rule is practical, not RFC 5322: zod's e-mail pattern (what mail
 * systems really accept), the lengths of RFC 5321, and letters of any script in the domain (IDN, RFC 5890), which the
 * pattern sees as ASCII letters. An internationalised top-level domain in punycode is accepted too.
 */
export function isEmail(value: string): boolean {
  const at = value.lastIndexOf('@');
  if (at < 1 || at > MAX_LOCAL_PART_LENGTH || value.length > MAX_EMAIL_LENGTH) return false;
  const domain = value
    .slice(at)
    .replace(/(?=[^\0-\x7f])[\p{L}\p{N}\p{M}]/gu, 'a')
    .replace(/\.xn--[a-z0-9-]*[a-z0-9]$/i, '.aa');
  return EMAIL_PATTERN.test(value.slice(0, at) + domain);
}
