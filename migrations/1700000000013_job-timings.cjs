/**
 * How long a job waited, was read and was loaded, in milliseconds, as sums over its attempts. `phase_since` is the
 * time up to which these are counted.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', {
    queued_ms: { type: 'bigint', notNull: true, default: 0 },
    reading_ms: { type: 'bigint', notNull: true, default: 0 },
    loading_ms: { type: 'bigint', notNull: true, default: 0 },
    phase_since: { type: 'timestamptz', notNull: true, default: pgm.func('now()') },
  });
  // Existing jobs have two of the times: of the upload, and of the start of loading.
  pgm.sql(`
    update jobs set phase_since = coalesce(completed_at, started_at, created_at),
      queued_ms = greatest(0, coalesce(extract(epoch from started_at - created_at) * 1000, 0)),
      loading_ms = greatest(0, coalesce(extract(epoch from completed_at - started_at) * 1000, 0))`);
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['queued_ms', 'reading_ms', 'loading_ms', 'phase_since']);
};
