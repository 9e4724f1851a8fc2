/**
 * Connections of a pool that the server closes while they are idle (idle_session_timeout, a pooler, a restart). The pool drops one
 * as soon as it notices. A request that is faster finds out by its statement, which the server never executed, so it
 * can be sent again.
 */

/**
 * The server said that it ends the idle session (PostgreSQL, appendix A), or nobody read what was sent (write(2)). In both cases it has
 * not received the whole statement or the Sync behind it, without which it commits nothing.
 */
const NOT_EXECUTED = ['57P05', 'EPIPE'];

/**
 * Repeats an attempt that takes a connection from a pool and sends the first statement on it, as long as the connections turn
 * out to be closed. Each failed attempt removes one, so there are at most as many as the pool has.
 */
export async function onOpenConnection<T>(
  pool: { readonly totalCount: number },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let left = pool.totalCount; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 0 || !NOT_EXECUTED.includes((error as { code?: string }).code ?? '')) throw error;
    }
  }
}
