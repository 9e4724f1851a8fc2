/**
 * A unique identity of this database, with which an upload folder names its owner (docs/decisions/0014). It survives
 * `migrate down` and `up` as the comment on the table of migrations, which is never removed: with a new identity, the
 * folder would count as another database's.
 */
const KEPT = 'csvjobs database ';

exports.up = (pgm) => {
  pgm.createTable('database_identity', {
    one_row: { type: 'boolean', primaryKey: true, default: true, check: 'one_row' },
    id: { type: 'uuid', notNull: true },
  });
  pgm.sql(`
    insert into database_identity (id)
    select coalesce(substring(obj_description('pgmigrations'::regclass, 'pg_class') from '^${KEPT}([0-9a-f-]{36})$')::uuid,
      gen_random_uuid())`);
};

exports.down = (pgm) => {
  pgm.sql(`
    do $$ begin
      execute format('comment on table pgmigrations is %L', '${KEPT}' || (select id from database_identity));
    end $$`);
  pgm.dropTable('database_identity');
};
