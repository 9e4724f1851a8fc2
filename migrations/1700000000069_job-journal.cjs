/**
 * The rows that a job has updated, as they were before: `before` is the text of the whole row, in the columns that the
 * table had then (job_transactions.columns). `key_columns` are those by which the row is found again; `was` is its xmin before. Of a
 * row that is here several times the first entry counts. No foreign key: it would cost a look at the job for each row.
 */
exports.up = (pgm) => {
  pgm.createTable('job_journal', {
    job_id: { type: 'uuid', notNull: true },
    entry: { type: 'bigint', notNull: true, sequenceGenerated: { precedence: 'ALWAYS' } },
    was: { type: 'bigint', notNull: true },
    key_columns: { type: 'text[]', notNull: true },
    before: { type: 'text', notNull: true },
  });
  pgm.createIndex('job_journal', ['job_id', 'entry'], { name: 'job_journal_by_job' });
};

exports.down = (pgm) => {
  pgm.dropTable('job_journal');
};
