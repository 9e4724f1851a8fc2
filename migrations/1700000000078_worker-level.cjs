/**
 * What a worker must know to load a job, as a number (packages/daemon/src/sql/workerLevel.ts). A job is claimed by `attempt = attempt + 1`
 * in every version, so that is where a worker that knows too little is stopped, also one of a version that has never heard of
 * levels: its update changes no row, as if the job wanted no work. What a worker knows it says in `claimed_level`, in the same
 * update; it is not kept, or the next claim would be taken for one that says the same.
 *
 * Workers of version 0.1 cannot load what waits either: since migration 0040 their statements fail on the indexes of customers, and the job
 * with them. So all jobs are of level 2, those too that an API of version 0.1 still puts in; and what such a worker has at this moment is
 * taken from it, so that it ends without a word instead of failing the job.
 *
 * `enable always`: whatever a session has set session_replication_role to.
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
