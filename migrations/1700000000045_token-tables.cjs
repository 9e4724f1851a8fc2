/** Limits a token to some tables: patterns as in TARGET_TABLES; null for all tables that TARGET_TABLES allows. */
exports.up = (pgm) => {
  pgm.addColumn('api_tokens', {
    tables: { type: 'text[]', check: 'cardinality(tables) > 0' },
  });
};

exports.down = (pgm) => {
  // A token for some tables must not become a token for all.
  pgm.sql('update api_tokens set revoked_at = coalesce(revoked_at, now()) where tables is not null');
  pgm.dropColumn('api_tokens', 'tables');
};
