/** Jobs: one uploaded file each. PostgreSQL holds the truth about them; Redis only delivers. */
exports.up = (pgm) => {
  pgm.createTable('jobs', {
    id: { type: 'uuid', primaryKey: true },
    filename: { type: 'text', notNull: true },
    status: {
      type: 'text',
      notNull: true,
      default: 'pending',
      check: "status in ('pending', 'processing', 'completed', 'failed', 'cancelled')",
    },
    total_rows: { type: 'bigint', notNull: true, default: 0 },
    processed_rows: { type: 'bigint', notNull: true, default: 0 },
    success_count: { type: 'bigint', notNull: true, default: 0 },
    failed_count: { type: 'bigint', notNull: true, default: 0 },
    errors: { type: 'jsonb', notNull: true, default: '[]' },
    created_at: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
    started_at: { type: 'timestamptz' },
    completed_at: { type: 'timestamptz' },
    attempt: { type: 'integer', notNull: true, default: 0 },
    failures: { type: 'integer', notNull: true, default: 0 },
    byte_offset: { type: 'bigint', notNull: true, default: 0 },
    line: { type: 'bigint', notNull: true, default: 1 },
    size_bytes: { type: 'bigint', notNull: true },
    sha256: { type: 'text', notNull: true },
    overrides: { type: 'jsonb', notNull: true, default: '{}' },
    source: { type: 'jsonb' },
    notices: { type: 'jsonb', notNull: true, default: '[]' },
    failure_code: { type: 'text' },
    failure_message: { type: 'text' },
    idempotency_key: { type: 'text', unique: true },
  });
  pgm.addConstraint('jobs', 'jobs_rows_add_up', {
    check: 'success_count + failed_count = processed_rows',
  });
  pgm.createIndex('jobs', [
    { name: 'created_at', sort: 'DESC' },
    { name: 'id', sort: 'DESC' },
  ]);
  pgm.createIndex('jobs', 'created_at', {
    name: 'jobs_unfinished',
    where: "status in ('pending', 'processing')",
  });
};

exports.down = (pgm) => {
  pgm.dropTable('jobs');
};
