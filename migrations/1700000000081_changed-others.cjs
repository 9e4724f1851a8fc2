/**
 * How many rows of the table a transaction of a job has changed or removed besides those that the job counts: those of
 * triggers, rules and cascades. Null if that is unknown, as for jobs before this version.
 */
exports.up = (pgm) => {
  pgm.addColumns('job_transactions', { changed_others: { type: 'bigint' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('job_transactions', ['changed_others']);
};
