/**
 * Data for undoing a job. `job_transactions` has the ids of the transactions that loaded its rows: a row that still
 * has one of them as xmin is the job's and unchanged. `xid` is the transaction or subtransaction that wrote the
 * entry; `others` are the batch's other subtransactions. All include the epoch, which xmin lacks. `cluster`,
 * `database` and `relation` say where the ids are valid; `files` changes when the table is rewritten; `columns` are
 * the table's columns, by name and type, if rows were updated.
 */
exports.up = (pgm) => {
  pgm.createTable('job_transactions', {
    job_id: { type: 'uuid', notNull: true, references: 'jobs', onDelete: 'CASCADE' },
    xid: { type: 'bigint', notNull: true },
    others: { type: 'int8multirange', notNull: true, default: '{}' },
    inserted: { type: 'bigint', notNull: true },
    updated: { type: 'bigint', notNull: true },
    cluster: { type: 'bigint' },
    database: { type: 'oid', notNull: true },
    relation: { type: 'oid' },
    files: { type: 'bigint' },
    columns: { type: 'jsonb' },
  });
  pgm.createIndex('job_transactions', ['job_id', 'xid'], { name: 'job_transactions_by_job' });

  // Some hosting services hide the cluster's identifier; then the database alone must suffice.
  pgm.sql(`create function csvjobs_cluster() returns bigint language plpgsql stable as $$
    begin return (select system_identifier from pg_control_system());
    exception when insufficient_privilege then return null; end $$`);

  pgm.addColumns('jobs', {
    undone_at: { type: 'timestamptz' },
    undone_by: { type: 'text' },
    undone: { type: 'jsonb' },
    undo_swept_at: { type: 'timestamptz' },
  });
  pgm.dropConstraint('jobs', 'jobs_status_check');
  pgm.addConstraint('jobs', 'jobs_status_check', {
    check: `status in ('pending', 'processing', 'completed', 'failed', 'cancelled', 'undone')`,
  });
};

exports.down = (pgm) => {
  pgm.sql(`update jobs set status = 'cancelled' where status = 'undone'`);
  pgm.dropConstraint('jobs', 'jobs_status_check');
  pgm.addConstraint('jobs', 'jobs_status_check', {
    check: `status in ('pending', 'processing', 'completed', 'failed', 'cancelled')`,
  });
  pgm.dropColumns('jobs', ['undone_at', 'undone_by', 'undone', 'undo_swept_at']);
  pgm.sql('drop function csvjobs_cluster()');
  pgm.dropTable('job_transactions');
};
