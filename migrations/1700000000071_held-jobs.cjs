/**
 * Jobs that stop before the commit of their rows until a person has answered. `held_rows` is a sample of the rows, old
 * and new. No column says which transaction holds the rows; while it exists, it has the job's row locked for key share.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', {
    held_until: { type: 'timestamptz' },
    // Not jsonb, which does not keep the order of columns.
    held_rows: { type: 'json' },
    held_answer: { type: 'text', check: "held_answer in ('accepted', 'discarded')" },
    held_answer_at: { type: 'timestamptz' },
    held_answer_by: { type: 'text' },
  });
  pgm.dropConstraint('jobs', 'jobs_status_check');
  pgm.addConstraint('jobs', 'jobs_status_check', {
    check: `status in ('pending', 'processing', 'held', 'completed', 'failed', 'cancelled', 'undone')`,
  });
  pgm.createIndex('jobs', 'held_until', { name: 'jobs_held', where: "status = 'held'" });
};

exports.down = (pgm) => {
  pgm.dropIndex('jobs', 'held_until', { name: 'jobs_held' });
  pgm.sql(`update jobs set status = 'cancelled' where status = 'held'`);
  pgm.dropConstraint('jobs', 'jobs_status_check');
  pgm.addConstraint('jobs', 'jobs_status_check', {
    check: `status in ('pending', 'processing', 'completed', 'failed', 'cancelled', 'undone')`,
  });
  pgm.dropColumns('jobs', ['held_until', 'held_rows', 'held_answer', 'held_answer_at', 'held_answer_by']);
};
