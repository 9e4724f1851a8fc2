/**
 * The rows that a job has removed because its file replaces the content of the table: how many, also by transaction,
 * and each row as it was, in the journal for the undo.
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
