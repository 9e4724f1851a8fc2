/** GET /api/jobs?table= reads any page along this index; jobs into customers use the other indexes. */
exports.up = (pgm) => {
  pgm.createIndex(
    'jobs',
    ['target_table', { name: 'created_at', sort: 'DESC' }, { name: 'id', sort: 'DESC' }],
    {
      name: 'jobs_by_table',
      where: 'deleted_at is null',
    },
  );
};

exports.down = (pgm) => {
  pgm.dropIndex('jobs', [], { name: 'jobs_by_table' });
};
