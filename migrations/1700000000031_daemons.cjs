/**
 * The daemons at work on this database and the queue (Redis and QUEUE_PREFIX) of each. `seen_at` is written every few
 * seconds by the database's clock; a row that grows old is that of a daemon that was killed.
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
