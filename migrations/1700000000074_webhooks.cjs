/**
 * Webhooks: the endpoints in the configuration of daemons, without their secrets, and the deliveries sent or still to
 * be sent to each. The tables have no foreign keys, because a delivery outlives its job, and the transaction that
 * finishes a job must not wait for other writers here.
 */
exports.up = (pgm) => {
  pgm.createTable('webhook_endpoints', {
    name: { type: 'text', primaryKey: true },
    // Only the origin of the URL: paths and queries may contain secrets.
    origin: { type: 'text', notNull: true },
    events: { type: 'text[]', notNull: true },
    // Table patterns as people write them, and the equivalent regular expression; null for all tables.
    tables: { type: 'text' },
    table_regex: { type: 'text' },
    seen_at: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
    disabled_at: { type: 'timestamptz' },
  });
  pgm.createTable('webhook_deliveries', {
    id: { type: 'uuid', primaryKey: true, default: pgm.func('gen_random_uuid()') },
    // The same for all endpoints of one event and for each attempt: the header webhook-id.
    event_id: { type: 'uuid', notNull: true },
    type: { type: 'text', notNull: true },
    endpoint: { type: 'text', notNull: true },
    job_id: { type: 'uuid' },
    // The job at the time of the event.
    job: { type: 'jsonb' },
    created_at: { type: 'timestamptz', notNull: true, default: pgm.func('clock_timestamp()') },
    status: {
      type: 'text',
      notNull: true,
      default: 'pending',
      check: `status in ('pending', 'delivered', 'failed')`,
    },
    attempts: { type: 'integer', notNull: true, default: 0 },
    // While a daemon is sending: when another daemon may send.
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
