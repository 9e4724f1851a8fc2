/**
 * How a job's rows are loaded, and how many were neither inserted nor rejected. All other successful rows were
 * inserted.
 */
exports.up = (pgm) => {
  const count = { type: 'bigint', notNull: true, default: 0 };
  pgm.addColumns('jobs', {
    mode: { type: 'jsonb', notNull: true, default: '{}' },
    updated_count: count,
    unchanged_count: count,
    skipped_count: count,
  });
  pgm.dropConstraint('jobs', 'jobs_rows_add_up');
  pgm.addConstraint('jobs', 'jobs_rows_add_up', {
    check:
      'success_count + failed_count + skipped_count = processed_rows and updated_count + unchanged_count <= success_count',
  });
};

exports.down = (pgm) => {
  pgm.dropConstraint('jobs', 'jobs_rows_add_up');
  pgm.addConstraint('jobs', 'jobs_rows_add_up', { check: 'success_count + failed_count = processed_rows' });
  pgm.dropColumns('jobs', ['mode', 'updated_count', 'unchanged_count', 'skipped_count']);
};
