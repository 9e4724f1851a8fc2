/**
 * The store that has this database's uploads, by the id that the store carries (packages/daemon/src/knownStore.ts). Null
 * until a daemon has recorded it.
 */
exports.up = (pgm) => {
  pgm.sql('alter table database_identity add column store_id uuid');
};

exports.down = (pgm) => {
  pgm.sql('alter table database_identity drop column store_id');
};
