/**
 * Data for fixing rejected records. `job_errors.original` is a record as it is in the file, as bytes of the decoded
 * text, including what cannot be text (NUL, bytes that the encoding does not define). `jobs.header` is the file's
 * header record; null for older jobs, whose reports cannot return records. `jobs.parent` is the job whose rejected
 * records this job's file contains, fixed; it stays when either job is deleted, because the rows of deleted jobs stay.
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
