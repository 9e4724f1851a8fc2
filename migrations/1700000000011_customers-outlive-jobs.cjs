/**
 * A job can be deleted; its customers stay, without it. The BRIN index is what finds them then: rows of a job lie
 * together, so it is a few pages, and costs a load next to nothing, where a B-tree would cost as much as the e-mails'.
 */
exports.up = (pgm) => {
  pgm.alterColumn('customers', 'job_id', { notNull: false });
  pgm.dropConstraint('customers', 'customers_job_id_fkey');
  pgm.addConstraint('customers', 'customers_job_id_fkey', {
    foreignKeys: { columns: 'job_id', references: 'jobs', onDelete: 'SET NULL' },
  });
  pgm.sql(
    'create index customers_job_id_brin on customers using brin (job_id) with (pages_per_range = 32, autosummarize = on)',
  );
};

/** Customers whose job is gone get one in their place: the column must not be empty in this form of the table. */
exports.down = (pgm) => {
  pgm.sql('drop index customers_job_id_brin');
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
