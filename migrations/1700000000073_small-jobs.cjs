/**
 * Jobs of small files have a queue of their own, so that none waits behind a large one. Decided once, at the upload: all
 * hosts, recovery and retries agree then, whatever their SMALL_JOB_BYTES.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { small: { type: 'boolean', notNull: true, default: false } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['small']);
};
