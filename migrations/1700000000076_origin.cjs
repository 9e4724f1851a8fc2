/** Where the file of a job is that was not uploaded but named: {address, etag, size} of an object. Unset where it was uploaded. */
exports.up = (pgm) => {
  pgm.addColumns('jobs', { origin: { type: 'jsonb' } });
};

exports.down = (pgm) => {
  pgm.dropColumns('jobs', ['origin']);
};
