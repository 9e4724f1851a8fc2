/** What this migration changes, and why. */
exports.up = (pgm) => {
  pgm.sql('select 1');
};

exports.down = (pgm) => {
  pgm.sql('select 1');
};
