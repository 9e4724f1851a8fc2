/** Every upload looks whether its file, by its content, is in its table already. */
exports.up = (pgm) => {
  pgm.createIndex('jobs', ['sha256', 'target_table', { name: 'created_at', sort: 'DESC' }], {
    name: 'jobs_by_file',
    where: 'deleted_at is null',
  });
};

exports.down = (pgm) => {
  pgm.dropIndex('jobs', [], { name: 'jobs_by_file' });
};
