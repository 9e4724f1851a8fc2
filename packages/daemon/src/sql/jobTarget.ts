import { CUSTOMERS, fillableTarget, type KeyTypes, type Spec, type Target } from '@csvjobs/shared';

/** The table that a job loads into, as its upload found it, and how to read values. */
export interface JobTarget {
  target: Target;
  spec: Spec | undefined;
  /** The table is `customers`, with columns beside the built-in ones, or loaded in a mode other than the default. */
  customers?: true;
  /** Of the natural keys in the spec, if it looks up values. Not stored with a job. */
  keyTypes?: KeyTypes;
}

/** The same for `customers`, whose columns are built in. */
export interface CustomersTarget {
  target?: undefined;
  spec: Spec | undefined;
}

/** What a job loads into; undefined for `customers` without a spec. */
export type JobInto = JobTarget | CustomersTarget | undefined;

/** Builds it for a table as the catalog has it. @param customers the table is `customers` */
export function jobTarget(target: Target, spec: Spec | undefined, customers = false): JobTarget {
  return { target: fillableTarget(target, spec), spec, ...(customers && ({ customers: true } as const)) };
}

/** Builds it from the columns in which a job stores it. */
export function intoAsKept({
  target,
  spec,
  target_table: table,
}: {
  target: Target | null;
  spec: Spec | null;
  target_table: string;
}): Exclude<JobInto, undefined> {
  const described = spec ?? undefined;
  if (target === null) return { spec: described };
  return { target, spec: described, ...(table === CUSTOMERS && ({ customers: true } as const)) };
}
