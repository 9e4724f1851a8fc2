/**
 * Customers: the accepted rows. `row_number` is the record of the job's file that a row came from, so that the report
 * of a duplicate can name the first one.
 */
exports.up = async (pgm) => {
  const [{ version }] = await pgm.db.select("select current_setting('server_version_num')::int as version");
  pgm.createTable('customers', {
    // Version 7 values arrive in order; random ones would make the whole load 40% more expensive, because of the
    // primary key.
    id: {
      type: 'uuid',
      primaryKey: true,
      default: pgm.func(version >= 180000 ? 'uuidv7()' : 'gen_random_uuid()'),
    },
    job_id: { type: 'uuid', notNull: true, references: 'jobs' },
    row_number: { type: 'bigint' },
    name: { type: 'text', notNull: true },
    // Both compare bytes, the cheapest order; pg_c_utf8, new in PostgreSQL 17, also folds letters of any script.
    email: { type: 'text', notNull: true, collation: version >= 170000 ? 'pg_c_utf8' : '"C"' },
    phone: { type: 'text' },
    company: { type: 'text', notNull: true },
    created_at: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
  });
  // Unique regardless of case; the e-mail is stored as typed.
  pgm.sql('create unique index customers_email_key on customers (lower(email))');
};

exports.down = (pgm) => {
  pgm.dropTable('customers');
};
