/**
 * Which store a daemon has its uploads in, by the id that the store carries: daemons of one database must have the same. And which version
 * of its object a job has read at its first attempt: the next ones read the same, or nothing.
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
