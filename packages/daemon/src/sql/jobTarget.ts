import type { Spec, Target } from '@csvjobs/shared';

/** The table that a job loads into, as its upload found it, and how values are to be read. */
export interface JobTarget {
  target: Target;
  spec: Spec | undefined;
  /** The table is `customers`, with columns beside those that are built in, or loaded in another way than by default. */
  customers?: true;
}

/** The same for `customers`, whose columns are built in. */
export interface CustomersTarget {
  target?: undefined;
  spec: Spec | undefined;
}

/** What a job loads into; undefined for `customers` without a spec. */
export type JobInto = JobTarget | CustomersTarget | undefined;
