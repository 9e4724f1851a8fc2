/** The dry run whose file a job loads, with the same spec; it stays when either is deleted. Unset by daemons from before. */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { dry_run: { type: 'uuid', references: 'jobs' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['dry_run']);
};
