/**
 * The rows that a job has removed, as its file replaces what the table had: how many, by transaction too, and each as it was, in
 * the journal by which a job is undone.
 */
exports.up = (pgm) => {
  const count = { type: 'bigint', notNull: true, default: 0 };
  pgm.addColumns('jobs', { removed_count: count });
  pgm.addColumns('job_transactions', { removed: count });
  pgm.addColumns('job_journal', { removed: { type: 'boolean', notNull: true, default: false } });
};

exports.down = (pgm) => {
  pgm.dropColumns('job_journal', ['removed']);
  pgm.dropColumns('job_transactions', ['removed']);
  pgm.dropColumns('jobs', ['removed_count']);
};
