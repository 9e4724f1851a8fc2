/** How many values of a job were read otherwise than they stand in its file, by what was assumed of them. */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { assumed: { type: 'jsonb', notNull: true, default: '{}' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['assumed']);
};
