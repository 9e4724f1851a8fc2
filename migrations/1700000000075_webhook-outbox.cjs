/**
 * Every statement that finishes or holds a job also writes its webhooks, in the same transaction.
 *
 * - `security definer`: a role that may update `jobs` needs no right on the outbox. The function's search_path is
 *   fixed, so that it never writes to a table of another schema, and no role may execute it, so that no trigger of
 *   another table can.
 * - `enable always`: loads of customers set session_replication_role to replica for their rows, which skips plain
 *   triggers.
 */
exports.up = (pgm) => {
  pgm.sql(`
    create function csvjobs_write_webhooks() returns trigger language plpgsql security definer as $$
    declare
      event uuid;
    begin
      -- Where there are no webhooks, this is all that it costs: some 40 microseconds a job.
      if not exists (select from webhook_endpoints) then return null; end if;
      event := gen_random_uuid();
      insert into webhook_deliveries (event_id, type, endpoint, job_id, job)
      select event, 'job.' || new.status, name, new.id, jsonb_build_object(
        'id', new.id, 'filename', new.filename, 'target_table', new.target_table, 'status', new.status,
        'total_rows', new.total_rows, 'processed_rows', new.processed_rows,
        'success_count', new.success_count, 'failed_count', new.failed_count, 'mode', new.mode,
        'updated_count', new.updated_count, 'unchanged_count', new.unchanged_count,
        'skipped_count', new.skipped_count, 'removed_count', new.removed_count,
        'created_at', new.created_at, 'started_at', new.started_at, 'completed_at', new.completed_at)
      from webhook_endpoints
      where disabled_at is null and 'job.' || new.status = any(events)
        and (table_regex is null or case new.target_table
          when 'customers' then quote_ident(tg_table_schema) || '.customers' else new.target_table end ~ table_regex);
      return null;
    end $$;
    revoke all on function csvjobs_write_webhooks() from public;
    do $$ begin
      execute format('alter function csvjobs_write_webhooks() set search_path to %I, pg_temp', current_schema());
    end $$;
    create trigger csvjobs_webhooks after update of status on jobs for each row
      when (new.status is distinct from old.status and new.status in ('completed', 'failed', 'cancelled', 'held', 'undone'))
      execute function csvjobs_write_webhooks();
    alter table jobs enable always trigger csvjobs_webhooks`);
};

exports.down = (pgm) => {
  pgm.sql('drop trigger csvjobs_webhooks on jobs; drop function csvjobs_write_webhooks()');
};
