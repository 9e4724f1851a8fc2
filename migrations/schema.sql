-- What the migrations make of an empty database; written by npm run docs, for reading only.

-- function csvjobs_check_claim() returns trigger

-- function csvjobs_cluster() returns bigint

-- function csvjobs_email_key(email text) returns text

-- function csvjobs_raise_level() returns trigger

-- function csvjobs_write_webhooks() returns trigger

create table api_tokens (
  id uuid default gen_random_uuid() not null,
  name text not null,
  scope text not null,
  digest bytea not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  tables text[],
  constraint api_tokens_digest_key UNIQUE (digest),
  constraint api_tokens_pkey PRIMARY KEY (id),
  constraint api_tokens_digest_check CHECK ((length(digest) = 32)),
  constraint api_tokens_scope_check CHECK ((scope = ANY (ARRAY['read'::text, 'write'::text, 'admin'::text]))),
  constraint api_tokens_tables_check CHECK ((cardinality(tables) > 0))
);

CREATE UNIQUE INDEX api_tokens_name_key ON public.api_tokens USING btree (name) WHERE (revoked_at IS NULL);

create table customers (
  id uuid default uuidv7() not null,
  job_id uuid,
  row_number bigint,
  name text not null,
  email text collate "C" not null,
  phone text,
  company text not null,
  created_at timestamp with time zone default now() not null,
  constraint customers_pkey PRIMARY KEY (id),
  constraint customers_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE SET NULL
);

CREATE UNIQUE INDEX customers_email_key ON public.customers USING btree (csvjobs_email_key(email));

create table daemons (
  id uuid not null,
  queue_id uuid not null,
  name text not null,
  started_at timestamp with time zone default now() not null,
  seen_at timestamp with time zone default now() not null,
  worker_level integer,
  store_id uuid,
  constraint daemons_pkey PRIMARY KEY (id)
);

create table database_identity (
  one_row boolean default true not null,
  id uuid not null,
  store_id uuid,
  constraint database_identity_pkey PRIMARY KEY (one_row),
  constraint database_identity_one_row_check CHECK (one_row)
);

create table job_errors (
  job_id uuid not null,
  row_number bigint not null,
  line bigint not null,
  column_name text,
  code text not null,
  message text not null,
  "row" jsonb not null,
  reasons jsonb,
  original bytea,
  constraint job_errors_pkey PRIMARY KEY (job_id, row_number),
  constraint job_errors_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE CASCADE
);

create table job_journal (
  job_id uuid not null,
  entry bigint not null,
  was bigint[] not null,
  key_columns text[] not null,
  before text[] not null,
  removed boolean default false not null
);

CREATE INDEX job_journal_by_job ON public.job_journal USING btree (job_id, entry);

create table job_transactions (
  job_id uuid not null,
  xid bigint not null,
  others int8multirange default '{}'::int8multirange not null,
  inserted bigint not null,
  updated bigint not null,
  cluster bigint,
  database oid not null,
  relation oid,
  files bigint,
  columns jsonb,
  removed bigint default 0 not null,
  changed_others bigint,
  constraint job_transactions_job_id_fkey FOREIGN KEY (job_id) REFERENCES jobs(id) ON DELETE CASCADE
);

CREATE INDEX job_transactions_by_job ON public.job_transactions USING btree (job_id, xid);

create table jobs (
  id uuid not null,
  filename text not null,
  status text default 'pending'::text not null,
  total_rows bigint default 0 not null,
  processed_rows bigint default 0 not null,
  success_count bigint default 0 not null,
  failed_count bigint default 0 not null,
  errors jsonb default '[]'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  attempt integer default 0 not null,
  failures integer default 0 not null,
  byte_offset bigint default 0 not null,
  line bigint default 1 not null,
  size_bytes bigint not null,
  sha256 text not null,
  overrides jsonb default '{}'::jsonb not null,
  source jsonb,
  notices jsonb default '[]'::jsonb not null,
  failure_code text,
  failure_message text,
  idempotency_key text,
  queued_ms bigint default 0 not null,
  reading_ms bigint default 0 not null,
  loading_ms bigint default 0 not null,
  phase_since timestamp with time zone default now() not null,
  deleted_at timestamp with time zone,
  reasons jsonb default '{}'::jsonb not null,
  target_table text default 'customers'::text not null,
  target jsonb,
  spec jsonb,
  assumed jsonb default '{}'::jsonb not null,
  header text,
  parent uuid,
  mode jsonb default '{}'::jsonb not null,
  updated_count bigint default 0 not null,
  unchanged_count bigint default 0 not null,
  skipped_count bigint default 0 not null,
  dry_run uuid,
  undone_at timestamp with time zone,
  undone_by text,
  undone jsonb,
  undo_swept_at timestamp with time zone,
  removed_count bigint default 0 not null,
  held_until timestamp with time zone,
  held_rows json,
  held_answer text,
  held_answer_at timestamp with time zone,
  held_answer_by text,
  small boolean default false not null,
  origin jsonb,
  removed_rows json,
  worker_level integer default 2 not null,
  claimed_level integer,
  file_version text,
  constraint jobs_idempotency_key_key UNIQUE (idempotency_key),
  constraint jobs_pkey PRIMARY KEY (id),
  constraint jobs_dry_run_fkey FOREIGN KEY (dry_run) REFERENCES jobs(id),
  constraint jobs_parent_fkey FOREIGN KEY (parent) REFERENCES jobs(id),
  constraint jobs_held_answer_check CHECK ((held_answer = ANY (ARRAY['accepted'::text, 'discarded'::text]))),
  constraint jobs_rows_add_up CHECK (((((success_count + failed_count) + skipped_count) = processed_rows) AND ((updated_count + unchanged_count) <= success_count))),
  constraint jobs_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'held'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'undone'::text])))
);

CREATE INDEX jobs_by_file ON public.jobs USING btree (sha256, target_table, created_at DESC) WHERE (deleted_at IS NULL);

CREATE INDEX jobs_by_parent ON public.jobs USING btree (parent) WHERE (parent IS NOT NULL);

CREATE INDEX jobs_by_status ON public.jobs USING btree (status, created_at DESC, id DESC) WHERE (deleted_at IS NULL);

CREATE INDEX jobs_by_table ON public.jobs USING btree (target_table, created_at DESC, id DESC) WHERE (deleted_at IS NULL);

CREATE INDEX jobs_created_at_id_index ON public.jobs USING btree (created_at DESC, id DESC) WHERE (deleted_at IS NULL);

CREATE INDEX jobs_held ON public.jobs USING btree (held_until) WHERE (status = 'held'::text);

CREATE INDEX jobs_unfinished ON public.jobs USING btree (created_at) WHERE (status = ANY (ARRAY['pending'::text, 'processing'::text]));

CREATE INDEX jobs_with_report_to_go ON public.jobs USING btree (id) WHERE ((deleted_at IS NOT NULL) AND (failed_count > 0));

CREATE TRIGGER csvjobs_claims BEFORE UPDATE OF attempt ON public.jobs FOR EACH ROW WHEN ((new.attempt > old.attempt)) EXECUTE FUNCTION csvjobs_check_claim(); -- always

CREATE TRIGGER csvjobs_levels BEFORE INSERT ON public.jobs FOR EACH ROW EXECUTE FUNCTION csvjobs_raise_level(); -- always

CREATE TRIGGER csvjobs_webhooks AFTER UPDATE OF status ON public.jobs FOR EACH ROW WHEN (((new.status IS DISTINCT FROM old.status) AND (new.status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text, 'held'::text, 'undone'::text])))) EXECUTE FUNCTION csvjobs_write_webhooks(); -- always

create table resumable_uploads (
  id uuid not null,
  owner text not null,
  length bigint not null,
  metadata json not null,
  idempotency_key text,
  head bytea,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  lease uuid,
  leased_until timestamp with time zone,
  wanted boolean default false not null,
  taken jsonb,
  refused jsonb,
  constraint resumable_uploads_pkey PRIMARY KEY (id)
);

CREATE INDEX resumable_uploads_by_expiry ON public.resumable_uploads USING btree (expires_at);

create table webhook_deliveries (
  id uuid default gen_random_uuid() not null,
  event_id uuid not null,
  type text not null,
  endpoint text not null,
  job_id uuid,
  job jsonb,
  created_at timestamp with time zone default clock_timestamp() not null,
  status text default 'pending'::text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default clock_timestamp() not null,
  last_attempt_at timestamp with time zone,
  ended_at timestamp with time zone,
  http_status integer,
  error text,
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (endpoint, next_attempt_at) WHERE (status = 'pending'::text);

CREATE INDEX webhook_deliveries_ended ON public.webhook_deliveries USING btree (ended_at) WHERE (status <> 'pending'::text);

CREATE INDEX webhook_deliveries_newest ON public.webhook_deliveries USING btree (created_at DESC, id DESC);

create table webhook_endpoints (
  name text not null,
  origin text not null,
  events text[] not null,
  tables text,
  table_regex text,
  seen_at timestamp with time zone default now() not null,
  disabled_at timestamp with time zone,
  constraint webhook_endpoints_pkey PRIMARY KEY (name)
);
