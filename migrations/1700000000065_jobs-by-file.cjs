/** Every upload checks whether its file, by content, was already loaded into its table. */
exports.up = (pgm) => {
  pgm.createIndex('jobs', ['sha256', 'target_table', { name: 'created_at', sort: 'DESC' }], {
    name: 'jobs_by_file',
    where: 'deleted_at is null',
  });
};

exports.down = (pgm) => {
  pgm.dropIndex('jobs', [], { name: 'jobs_by_file' });
};
