/**
 * The table that a job loads into, as its upload found it: `target` is what PostgreSQL's catalog said of it, `spec` how the
 * person who uploaded wants values to be read. Jobs into `customers` have neither. A reject of another table has its
 * reasons as data, all of them; its `code`, `column_name` and `message` are made of them.
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
