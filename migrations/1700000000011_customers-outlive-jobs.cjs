/**
 * A job can be deleted; its customers stay, without it. To find them costs a scan of the table a deleted job, which is
 * rare and no hurry: an index on job_id, even BRIN (measured: 9 % of a COPY), would be paid for by every load.
 */
exports.up = (pgm) => {
  pgm.alterColumn('customers', 'job_id', { notNull: false });
  pgm.dropConstraint('customers', 'customers_job_id_fkey');
  pgm.addConstraint('customers', 'customers_job_id_fkey', {
    foreignKeys: { columns: 'job_id', references: 'jobs', onDelete: 'SET NULL' },
  });
};

/** Customers whose job is gone get one in their place: the column must not be empty in this form of the table. */
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
