/** A page of the jobs of one status, from its own index: else a rare status is looked for among all jobs. */
exports.up = (pgm) => {
  pgm.createIndex('jobs', ['status', { name: 'created_at', sort: 'DESC' }, { name: 'id', sort: 'DESC' }], {
    name: 'jobs_by_status',
  });
};

exports.down = (pgm) => {
  pgm.dropIndex('jobs', [], { name: 'jobs_by_status' });
};
