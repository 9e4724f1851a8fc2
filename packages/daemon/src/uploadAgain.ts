/** What to do about a job that cannot continue: another upload loads the records again that this one has loaded. */
export const NONE_LOADED = 'No row of this job is in the table: upload the file again';

export const SOME_LOADED =
  'Rows that this job has loaded stay: upload the file again only where a key of the table refuses them, or take them out of the table or of the file first (csvjobs show says how many records are done)';
