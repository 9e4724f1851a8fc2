import type { Spec, Target } from '@csvjobs/shared';

/** The table that a job loads into, as its upload found it, and how values are to be read. */
export interface JobTarget {
  target: Target;
  spec: Spec | undefined;
}
