/** Where a job's file is, if it was named and not uploaded: {address, etag, size} of an object; otherwise unset. */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { origin: { type: 'jsonb' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['origin']);
};
