/** The programs that tests start, bundled from the compiled code (scripts/bundleDaemon.mjs): they start in half the time. */
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../../../.cache/testPrograms/', import.meta.url);

/** The daemon, csvjobsd. */
export const DAEMON = fileURLToPath(new URL('main.js', FOLDER));

/** The program of a thread that reads a file. */
export const READING_THREAD = new URL('readingThread.js', FOLDER);
