/**
 * Where a job's file is, if it was named instead of uploaded: {address, etag, size} of an object. Unset if it was
 * uploaded.
 */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { origin: { type: 'jsonb' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['origin']);
};
