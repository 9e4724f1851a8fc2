/**
 * Customers: the rows that were good. `row_number` says which record of the job's file a row came from, so that
 * a duplicate can be told where the first one is.
 */
exports.up = async (pgm) => {
  const [{ version }] = await pgm.db.select("select current_setting('server_version_num')::int as version");
  pgm.createTable('customers', {
    // Version 7 values arrive in order: with random ones the primary key costs 40 % of the whole load more.
    id: {
      type: 'uuid',
      primaryKey: true,
      default: pgm.func(version >= 180000 ? 'uuidv7()' : 'gen_random_uuid()'),
    },
    job_id: { type: 'uuid', notNull: true, references: 'jobs' },
    row_number: { type: 'bigint' },
    name: { type: 'text', notNull: true },
    // Both compare bytes, the cheapest order there is; pg_c_utf8 came with PostgreSQL 17, and folds letters of any script.
    email: { type: 'text', notNull: true, collation: version >= 170000 ? 'pg_c_utf8' : '"C"' },
    phone: { type: 'text' },
    company: { type: 'text', notNull: true },
    created_at: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
  });
  // Unique whatever the case; what was typed is what is stored.
  pgm.sql('create unique index customers_email_key on customers (lower(email))');
};

exports.down = (pgm) => {
  pgm.dropTable('customers');
};
