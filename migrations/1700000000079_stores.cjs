/**
 * The store of a daemon's uploads, by the id that the store carries: all daemons of a database must have the same one.
 * Also the version of its object that a job has read at its first attempt: later attempts read the same version, or
 * nothing.
 */
exports.up = (pgm) => {
  pgm.sql(`
    alter table daemons add column store_id uuid;
    alter table jobs add column file_version text`);
};

exports.down = (pgm) => {
  pgm.sql(`
    alter table daemons drop column store_id;
    alter table jobs drop column file_version`);
};
