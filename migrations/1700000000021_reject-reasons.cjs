/**
 * How many rows of a job were rejected for each reason, counted with each batch in its transaction. Those of a job that
 * had rejects before, or has some from a daemon that does not count them, are not made up: they do not add up to
 * failed_count, and are then not told.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { reasons: { type: 'jsonb', notNull: true, default: '{}' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['reasons']);
};
