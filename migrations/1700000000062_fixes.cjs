/**
 * What it takes to fix rejected records. `job_errors.original` is a record as it stands in the file, as bytes of the decoded
 * text: also what is no text (NUL, bytes that the encoding does not define). `jobs.header` is the file's header record,
 * null for jobs from before: their reports cannot give records back. `jobs.parent` is the job whose rejected records the
 * file of this one has, fixed; it stays when either is deleted, as the rows of deleted jobs do.
 */
exports.up = (pgm) => {
  pgm.addColumns('job_errors', { original: { type: 'bytea' } });
  pgm.addColumns('jobs', {
    header: { type: 'text' },
    parent: { type: 'uuid', references: 'jobs' },
  });
  pgm.createIndex('jobs', 'parent', { name: 'jobs_by_parent', where: 'parent is not null' });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['header', 'parent']);
  pgm.dropColumns('job_errors', ['original']);
};
