/**
 * The daemons running on this database, and the queue (Redis and QUEUE_PREFIX) of each. Each daemon updates `seen_at`
 * every few seconds, by the database's clock; an old row is that of a killed daemon.
 */
exports.up = (pgm) => {
  pgm.createTable('daemons', {
    id: { type: 'uuid', primaryKey: true },
    queue_id: { type: 'uuid', notNull: true },
    name: { type: 'text', notNull: true },
    started_at: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
    seen_at: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
  });
};

exports.down = (pgm) => {
  pgm.dropTable('daemons');
};
