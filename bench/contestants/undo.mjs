/** The undo of a job, without HTTP. */
import { createPool } from '../../packages/daemon/dist/sql/pool.js';
import { undoJob } from '../../packages/daemon/dist/sql/undo/undoJob.js';

/** Seconds until the rows of a job are removed or restored, and how many they are. */
export async function undo({ connection, id }) {
  const pool = createPool(connection, (error) => {
    throw error;
  });
  try {
    const started = performance.now();
    const { removed, restored } = await undoJob(pool, id, { by: 'bench', dryRun: false });
    return { seconds: (performance.now() - started) / 1000, removed, restored };
  } finally {
    await pool.end();
  }
}
