/** API tokens: only their SHA-256 digests. Revoked tokens stay, so that the list shows all that ever existed. */
exports.up = (pgm) => {
  pgm.createTable('api_tokens', {
    id: { type: 'uuid', primaryKey: true, default: pgm.func('gen_random_uuid()') },
    name: { type: 'text', notNull: true },
    scope: { type: 'text', notNull: true, check: "scope in ('read', 'write', 'admin')" },
    digest: { type: 'bytea', notNull: true, unique: true, check: 'length(digest) = 32' },
    created_at: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
    last_used_at: { type: 'timestamptz' },
    revoked_at: { type: 'timestamptz' },
  });
  // A name may be used again once its token is revoked.
  pgm.createIndex('api_tokens', 'name', {
    name: 'api_tokens_name_key',
    unique: true,
    where: 'revoked_at is null',
  });
};

exports.down = (pgm) => {
  pgm.dropTable('api_tokens');
};
