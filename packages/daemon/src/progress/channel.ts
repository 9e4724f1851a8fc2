/** The channel of Redis that carries the progress of all jobs: one for the daemon, so that one subscription does. */
export const PROGRESS_CHANNEL = 'csvjobs:progress';
