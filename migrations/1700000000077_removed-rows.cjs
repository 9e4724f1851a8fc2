/**
 * A sample of the rows that a replacement has removed, or would remove, to be shown. Not jsonb, which does not keep
 * the order of columns.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { removed_rows: { type: 'json' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['removed_rows']);
};
