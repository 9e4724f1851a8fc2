/**
 * The whole error report, one row per rejected record. An array in the job would be quadratic and limited to 256 MB.
 */
exports.up = (pgm) => {
  pgm.createTable(
    'job_errors',
    {
      job_id: { type: 'uuid', notNull: true, references: 'jobs', onDelete: 'CASCADE' },
      row_number: { type: 'bigint', notNull: true },
      line: { type: 'bigint', notNull: true },
      column_name: { type: 'text' },
      code: { type: 'text', notNull: true },
      message: { type: 'text', notNull: true },
      row: { type: 'jsonb', notNull: true },
    },
    { constraints: { primaryKey: ['job_id', 'row_number'] } },
  );
};

exports.down = (pgm) => {
  pgm.dropTable('job_errors');
};
