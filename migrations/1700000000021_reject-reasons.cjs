/**
 * How many rows of a job were rejected for each reason, counted in the transaction of each batch. For jobs that
 * already have rejects, or get some from a daemon that does not count reasons, the numbers do not add up to
 * failed_count; the API then leaves them out.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { reasons: { type: 'jsonb', notNull: true, default: '{}' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['reasons']);
};
