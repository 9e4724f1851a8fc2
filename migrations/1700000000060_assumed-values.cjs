/** How many values of a job were read differently from how they are written in its file, by assumption. */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { assumed: { type: 'jsonb', notNull: true, default: '{}' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['assumed']);
};
