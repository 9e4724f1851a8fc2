/**
 * The boards of all watchers: one for all jobs, and one for each set of tables that some caller is limited
 * to.
 */
import { createBoard, type JobBoard } from './board.js';

export interface Boards {
  /**
   * The board of the jobs whose tables match (access/tables.ts); of all jobs for null. It is removed with its
   * last watcher.
   */
  of(tables: string | null): JobBoard;
  close(): void;
}

export function createBoards(deps: Parameters<typeof createBoard>[0]): Boards {
  const boards = new Map<string | null, JobBoard>();
  return {
    of: (tables) => {
      const there = boards.get(tables);
      if (there) return there;
      const made = createBoard(deps, tables, () => {
        boards.delete(tables);
      });
      boards.set(tables, made);
      return made;
    },
    close: () => {
      for (const board of boards.values()) board.close();
    },
  };
}
