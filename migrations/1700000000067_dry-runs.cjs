/**
 * The dry run whose file a job loads, with the same spec; stays when either is deleted. Older daemons do not set it.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { dry_run: { type: 'uuid', references: 'jobs' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['dry_run']);
};
