/**
 * If a job is deleted, its customers stay, without a job. Finding them takes a scan of the table for each deleted job,
 * which is rare and not urgent. An index on job_id would slow down every load, even a BRIN (measured: 9% of a COPY).
 */
exports.up = (pgm) => {
  pgm.alterColumn('customers', 'job_id', { notNull: false });
  pgm.dropConstraint('customers', 'customers_job_id_fkey');
  pgm.addConstraint('customers', 'customers_job_id_fkey', {
    foreignKeys: { columns: 'job_id', references: 'jobs', onDelete: 'SET NULL' },
  });
};

/** Gives customers without a job a substitute job, because the column must not be null in this version of the table. */
exports.down = (pgm) => {
  pgm.sql(`
    with lost as (
      insert into jobs (id, filename, status, size_bytes, sha256, completed_at)
      select gen_random_uuid(), 'deleted', 'completed', 0, repeat('0', 64), now()
      where exists (select from customers where job_id is null)
      returning id
    )
    update customers set job_id = lost.id from lost where job_id is null`);
  pgm.dropConstraint('customers', 'customers_job_id_fkey');
  pgm.addConstraint('customers', 'customers_job_id_fkey', {
    foreignKeys: { columns: 'job_id', references: 'jobs' },
  });
  pgm.alterColumn('customers', 'job_id', { notNull: true });
};
