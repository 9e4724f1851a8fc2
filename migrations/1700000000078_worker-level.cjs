/**
 * The level that a worker needs to load a job (packages/daemon/src/sql/workerLevel.ts). Every version claims a job by
 * `attempt = attempt + 1`, so that is where the trigger stops a worker whose level is too low, even one of a version
 * without levels: its update changes no row, as if the job had no work to do. A worker sets its level as
 * `claimed_level` in the same update. The level is not stored; otherwise the next claim would seem to have the same
 * one.
 *
 * Workers of version 0.1 cannot load waiting jobs either: since migration 0040 their statements fail on the indexes
 * of customers, and the job fails too. So all jobs get level 2, including those that an API of version 0.1 still
 * inserts. Jobs that such a worker is loading now are taken from it, so that it stops quietly instead of failing the
 * job.
 *
 * `enable always`: works whatever session_replication_role a session has set.
 */
exports.up = (pgm) => {
  pgm.sql(`
    update jobs set attempt = attempt + 1 where status in ('pending', 'processing');
    alter table jobs add column worker_level integer not null default 2, add column claimed_level integer;
    alter table daemons add column worker_level integer;
    create function csvjobs_check_claim() returns trigger language plpgsql as $$
    begin
      if coalesce(new.claimed_level, 1) < new.worker_level then return null; end if;
      new.claimed_level := null;
      return new;
    end $$;
    create trigger csvjobs_claims before update of attempt on jobs for each row
      when (new.attempt > old.attempt) execute function csvjobs_check_claim();
    alter table jobs enable always trigger csvjobs_claims`);
};

exports.down = (pgm) => {
  pgm.sql(`
    drop trigger csvjobs_claims on jobs;
    drop function csvjobs_check_claim();
    alter table daemons drop column worker_level;
    alter table jobs drop column worker_level, drop column claimed_level`);
};
