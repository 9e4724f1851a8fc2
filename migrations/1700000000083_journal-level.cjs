/**
 * Workers from before migration 0082 cannot write into job_journal: they rejected each row of an update, and the job
 * failed in the end. So all jobs get level 3 (packages/daemon/src/sql/workerLevel.ts), including those that an API of
 * that time still inserts with its own level, and jobs that such a worker is loading now are taken from it. It stops
 * quietly, and leaves them to workers of level 3.
 *
 * `enable always`: works whatever session_replication_role a session has set.
 */
exports.up = (pgm) => {
  pgm.sql(`
    create function csvjobs_raise_level() returns trigger language plpgsql as $$
    begin
      new.worker_level := greatest(new.worker_level, 3);
      return new;
    end $$;
    create trigger csvjobs_levels before insert on jobs for each row execute function csvjobs_raise_level();
    alter table jobs enable always trigger csvjobs_levels;
    update jobs set worker_level = 3 where worker_level < 3 and status <> 'processing';
    update jobs set worker_level = 3, claimed_level = 3, attempt = attempt + 1 where worker_level < 3`);
};

exports.down = (pgm) => {
  pgm.sql(`
    drop trigger csvjobs_levels on jobs;
    drop function csvjobs_raise_level();
    update jobs set worker_level = 2 where worker_level = 3`);
};
