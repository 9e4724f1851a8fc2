/**
 * Jobs of small files have their own queue, so that none waits behind a large one. The upload decides this once, so
 * that all hosts, recovery and retries agree, whatever their SMALL_JOB_BYTES.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { small: { type: 'boolean', notNull: true, default: false } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['small']);
};
