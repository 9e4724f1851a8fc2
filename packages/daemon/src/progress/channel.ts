/** The Redis channel for the progress of all jobs: one for the daemon, so that one subscription is enough. */
export const PROGRESS_CHANNEL = 'csvjobs:progress';
