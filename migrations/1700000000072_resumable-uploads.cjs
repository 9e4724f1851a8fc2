/**
 * Uploads that arrive in pieces. Their bytes are in the store, under the same id; only the store knows how many are
 * durable. `lease` belongs to the only request that may write, on any daemon.
 */
exports.up = (pgm) => {
  pgm.createTable('resumable_uploads', {
    id: { type: 'uuid', primaryKey: true },
    owner: { type: 'text', notNull: true },
    length: { type: 'bigint', notNull: true },
    // Not jsonb: a client gets its metadata back in its own order, and a name may contain a NUL.
    metadata: { type: 'json', notNull: true },
    idempotency_key: { type: 'text' },
    // The first bytes, while there are too few to judge the file by.
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
