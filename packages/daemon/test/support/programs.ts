/** The programs that tests start, bundled from what is compiled (scripts/bundleDaemon.mjs): they start in half of the time. */
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../../../.cache/testPrograms/', import.meta.url);

/** The daemon's program, csvjobsd. */
export const DAEMON = fileURLToPath(new URL('main.js', FOLDER));

/** What a thread runs that reads a file. */
export const READING_THREAD = new URL('readingThread.js', FOLDER);
