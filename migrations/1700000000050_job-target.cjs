/**
 * The table that a job loads into, as its upload found it: `target` is its description from PostgreSQL's catalog,
 * `spec` how to read values according to the uploader. Jobs into `customers` have neither. A reject of another table
 * has all its reasons as data; its `code`, `column_name` and `message` are derived from them.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', {
    target_table: { type: 'text', notNull: true, default: 'customers' },
    target: { type: 'jsonb' },
    spec: { type: 'jsonb' },
  });
  pgm.addColumns('job_errors', { reasons: { type: 'jsonb' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('job_errors', ['reasons']);
  pgm.dropColumns('jobs', ['target_table', 'target', 'spec']);
};
