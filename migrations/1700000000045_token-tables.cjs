/** A token may be for some tables only: patterns as TARGET_TABLES has them; null for all of those. */
exports.up = (pgm) => {
  pgm.addColumn('api_tokens', {
    tables: { type: 'text[]', check: 'cardinality(tables) > 0' },
  });
};

exports.down = (pgm) => {
  // A token for some tables must not become one for all.
  pgm.sql('update api_tokens set revoked_at = coalesce(revoked_at, now()) where tables is not null');
  pgm.dropColumn('api_tokens', 'tables');
};
