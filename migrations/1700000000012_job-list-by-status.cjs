/** Index for a page of jobs with one status; without it, PostgreSQL would search all jobs for a rare status. */
exports.up = (pgm) => {
  pgm.createIndex('jobs', ['status', { name: 'created_at', sort: 'DESC' }, { name: 'id', sort: 'DESC' }], {
    name: 'jobs_by_status',
  });
};

exports.down = (pgm) => {
  pgm.dropIndex('jobs', [], { name: 'jobs_by_status' });
};
