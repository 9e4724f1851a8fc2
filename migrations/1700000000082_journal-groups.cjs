/**
 * The journal keeps updated rows in groups, because a row of its own for each took PostgreSQL longer than half of the
 * update. A group has the previous xmin and the text of each of its rows; `entry` is the number of the first. Groups
 * have at most 65,536 rows, so that the numbers of all entries are different.
 */
exports.up = (pgm) => {
  pgm.sql(`alter table job_journal
    alter column entry type bigint using entry * 65536,
    alter column entry set increment by 65536, alter column entry set start 65536,
    alter column was type bigint[] using array[was],
    alter column before type text[] using array[before]`);
  // Compression takes longer than writing the texts.
  pgm.sql('alter table job_journal alter column before set storage external');
  pgm.sql(`select setval(pg_get_serial_sequence('job_journal', 'entry'),
    coalesce(max(entry), 65536), max(entry) is not null) from job_journal`);
};

exports.down = (pgm) => {
  pgm.sql(`create temporary table job_journal_entries on commit drop as
    select job_id, row_number() over (order by j.entry, place) as entry, e.was, key_columns, e.before, removed
    from job_journal j cross join lateral unnest(j.was, j.before) with ordinality e (was, before, place)`);
  pgm.sql('delete from job_journal');
  pgm.sql(`alter table job_journal
    alter column entry set increment by 1, alter column entry set start 1,
    alter column was type bigint using was[1],
    alter column before type text using before[1]`);
  pgm.sql('alter table job_journal alter column before set storage extended');
  pgm.sql(`insert into job_journal (job_id, entry, was, key_columns, before, removed) overriding system value
    select job_id, entry, was, key_columns, before, removed from pg_temp.job_journal_entries`);
  pgm.sql(`select setval(pg_get_serial_sequence('job_journal', 'entry'),
    coalesce(max(entry), 1), max(entry) is not null) from job_journal`);
};
