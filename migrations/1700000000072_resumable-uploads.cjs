/**
 * Uploads that arrive in pieces. Their bytes are in the store, under the same id; how many are durable only the store knows.
 * `lease` is held by the one request that may write, whichever daemon it has reached.
 */
exports.up = (pgm) => {
  pgm.createTable('resumable_uploads', {
    id: { type: 'uuid', primaryKey: true },
    owner: { type: 'text', notNull: true },
    length: { type: 'bigint', notNull: true },
    // Not jsonb: a client gets back what it has sent, in its order, and a name may have a NUL in it.
    metadata: { type: 'json', notNull: true },
    idempotency_key: { type: 'text' },
    // The first bytes, while fewer are there than it takes to judge the file.
    head: { type: 'bytea' },
    created_at: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
    expires_at: { type: 'timestamptz', notNull: true },
    lease: { type: 'uuid' },
    leased_until: { type: 'timestamptz' },
    wanted: { type: 'boolean', notNull: true, default: false },
    taken: { type: 'jsonb' },
    refused: { type: 'jsonb' },
  });
  pgm.createIndex('resumable_uploads', 'expires_at', { name: 'resumable_uploads_by_expiry' });
};

exports.down = (pgm) => {
  pgm.dropTable('resumable_uploads');
};
