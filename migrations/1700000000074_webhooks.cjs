/**
 * Webhooks: the endpoints that daemons have in their configuration, without their secrets, and for each endpoint what has been
 * sent to it or is still to be sent. The tables have no foreign key: a delivery outlives its job, and the transaction that ends
 * a job waits for nobody who writes here.
 */
exports.up = (pgm) => {
  pgm.createTable('webhook_endpoints', {
    name: { type: 'text', primaryKey: true },
    // The origin of the URL alone: paths and queries may hold secrets.
    origin: { type: 'text', notNull: true },
    events: { type: 'text[]', notNull: true },
    // Patterns of tables as people write them, and the regular expression that they mean; null for all tables.
    tables: { type: 'text' },
    table_regex: { type: 'text' },
    seen_at: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
    disabled_at: { type: 'timestamptz' },
  });
  pgm.createTable('webhook_deliveries', {
    id: { type: 'uuid', primaryKey: true, default: pgm.func('gen_random_uuid()') },
    // The same for all endpoints of one event, and for each attempt: the header webhook-id.
    event_id: { type: 'uuid', notNull: true },
    type: { type: 'text', notNull: true },
    endpoint: { type: 'text', notNull: true },
    job_id: { type: 'uuid' },
    // The job as it was when it ended.
    job: { type: 'jsonb' },
    created_at: { type: 'timestamptz', notNull: true, default: pgm.func('clock_timestamp()') },
    status: {
      type: 'text',
      notNull: true,
      default: 'pending',
      check: `status in ('pending', 'delivered', 'failed')`,
    },
    attempts: { type: 'integer', notNull: true, default: 0 },
    // While a daemon sends: when another may.
    next_attempt_at: { type: 'timestamptz', notNull: true, default: pgm.func('clock_timestamp()') },
    last_attempt_at: { type: 'timestamptz' },
    ended_at: { type: 'timestamptz' },
    http_status: { type: 'integer' },
    error: { type: 'text' },
  });
  pgm.createIndex('webhook_deliveries', ['endpoint', 'next_attempt_at'], {
    name: 'webhook_deliveries_due',
    where: `status = 'pending'`,
  });
  pgm.createIndex('webhook_deliveries', 'ended_at', {
    name: 'webhook_deliveries_ended',
    where: `status <> 'pending'`,
  });
  pgm.createIndex(
    'webhook_deliveries',
    [
      { name: 'created_at', sort: 'DESC' },
      { name: 'id', sort: 'DESC' },
    ],
    { name: 'webhook_deliveries_newest' },
  );
};

exports.down = (pgm) => {
  pgm.dropTable('webhook_deliveries');
  pgm.dropTable('webhook_endpoints');
};
