/**
 * The spec that ships with csvjobs for `customers`: the rules for its columns, as a Table Schema. A column that a
 * migration adds to the table is loaded by its own type; further rules for its values go here.
 */
import { CUSTOMER_COLUMNS, type CustomerColumn, REQUIRED_COLUMNS } from './customer.js';
import { CUSTOMERS } from './paths.js';
import type { Spec, SpecField, SpecInput } from './target/spec.js';
import { specOf } from './target/specOf.js';
import type { Target } from './target/target.js';

export const CUSTOMERS_SPEC: Spec = {
  schema: { fields: CUSTOMER_COLUMNS.map(ownField), fieldsMatch: 'partial', missingValues: [''] },
  csvjobs: { trim: [...CUSTOMER_COLUMNS] },
};

function ownField(name: CustomerColumn): SpecField {
  const required = (REQUIRED_COLUMNS as readonly string[]).includes(name);
  return {
    ...{ name, type: 'string' },
    ...(name === 'email' && { format: 'email' }),
    ...(required && { constraints: { required } }),
  };
}

/** The columns of `customers` that say where a row is from. csvjobs fills them; files never do. */
const FILLED_BY_CSVJOBS: readonly string[] = ['id', 'job_id', 'row_number', 'created_at'];

/** The columns that csvjobs' migrations create. */
export const KNOWN_CUSTOMER_COLUMNS: readonly string[] = [...CUSTOMER_COLUMNS, ...FILLED_BY_CSVJOBS];

/** Whether a table is csvjobs' own `customers`: its key calls a csvjobs function. */
export function isCustomers({ table, keys }: Pick<Target, 'table' | 'keys'>): boolean {
  return table.name === CUSTOMERS && keys.some(isEmailKey);
}

/** Whether a key is the e-mail key of customers (migration email-key). */
export function isEmailKey({ parts }: Target['keys'][number]): boolean {
  return parts.length === 1 && parts[0]!.expression.includes('csvjobs_email_key(');
}

/** `customers` as files and people see it: without the columns that csvjobs fills. */
export function loadableCustomers(target: Target): Target {
  return { ...target, columns: target.columns.filter(({ name }) => !FILLED_BY_CSVJOBS.includes(name)) };
}

export function isCustomerColumn(name: string): name is CustomerColumn {
  return (CUSTOMER_COLUMNS as readonly string[]).includes(name);
}

/** The columns that a file may fill, other than those that every `customers` has. */
export function furtherColumns(target: Target): string[] {
  const { columns } = loadableCustomers(target);
  return columns
    .filter(({ name, insertable }) => insertable && !isCustomerColumn(name))
    .map(({ name }) => name);
}

/**
 * Adds to an upload's spec the fields of the shipped spec for further columns that the upload's spec does not describe.
 * An upload's spec never replaces the shipped fields of the columns that every `customers` has.
 */
export function withShippedFields(
  target: Target,
  spec: Spec | undefined,
  shipped = CUSTOMERS_SPEC,
): Spec | undefined {
  const further = furtherColumns(target);
  const own = spec?.schema?.fields ?? [];
  const added = (shipped.schema?.fields ?? []).filter(
    ({ name }) => further.includes(name) && !own.some((field) => field.name === name),
  );
  if (added.length === 0) return spec;
  const schema = spec?.schema ?? { fieldsMatch: 'partial' as const, missingValues: [''] };
  return { ...spec, schema: { ...schema, fields: [...own, ...added] } };
}

/** The spec that describes `customers`. Used unchanged, it gives the same verdict as no spec. */
export function specOfCustomers(target: Target): SpecInput {
  const spec = specOf(loadableCustomers(target));
  const shipped = CUSTOMERS_SPEC.schema!.fields;
  const fields = spec.schema!.fields.map((field) => {
    const own = shipped.find(({ name }) => name === field.name);
    return own === undefined ? field : { ...field, ...own };
  });
  return { schema: { ...spec.schema, fields }, csvjobs: { into: CUSTOMERS } };
}
