/**
 * The rows that a job has updated, as they were before: `before` is the text of the whole row, with the columns that
 * the table had then (job_transactions.columns). `key_columns` identify the row; `was` is its previous xmin. A row
 * may have several entries; those whose `was` is an id of the job itself do not count. Has no foreign key, because
 * that would check the job for each row.
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
