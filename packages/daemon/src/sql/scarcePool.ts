import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Session } from './session.js';

/** How long a refused pool stays as small as it is before it tries to grow again, in ms. */
const GROW_MS = 1_000;
/** The pause before the next try where the pool has no connection at all that could become free, in ms. */
const NONE_MS = 100;
/** pg-pool's own (its README), for pools that set none. */
const DEFAULT_MAX = 10;

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (error?: Error | boolean) => void,
) => void;

/**
 * A pool of sessions for a role, database, server or pooler that may have fewer connections than the pool would make. Refused one
 * more, it is as large as what it has, and whoever asks waits for a connection to become free, in turn, as with any full
 * pool; a second later it tries to grow again. How long one waits is bounded by `connectionTimeoutMillis`, for what it
 * has and, at most once more, for what others give back; then the refusal is thrown.
 */
export class ScarcePool extends pg.Pool {
  readonly #max: number;
  #growing: NodeJS.Timeout | undefined;

  constructor(config: pg.PoolConfig) {
    // Its own type says that it may be any client; @types/pg knows only pg's own constructor.
    const Client = watched(() => this.#shrink()) as unknown as typeof pg.Client;
    super({ ...config, Client } as pg.PoolConfig);
    this.#max = config.max ?? DEFAULT_MAX;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    const client = this.#connect();
    if (!callback) return client;
    client.then(
      (each) => callback(undefined, each, each.release),
      (error: Error) => callback(error, undefined, () => {}),
    );
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | undefined {
    clearTimeout(this.#growing);
    if (!callback) return super.end();
    super.end(callback);
  }

  async #connect(): Promise<pg.PoolClient> {
    const deadline = performance.now() + (this.options.connectionTimeoutMillis ?? 0);
    let refusal: unknown;
    for (;;) {
      try {
        return await super.connect();
      } catch (error) {
        if (!isRefusal(error)) throw (hasWaitedInVain(error) && refusal) || error;
        if (performance.now() > deadline) throw error;
        refusal = error;
        if (this.totalCount === 0) await pause(NONE_MS);
      }
    }
  }

  /** To what it has without the one that was refused; where it has none, to one, so that one at a time asks for it. */
  #shrink(): void {
    this.options.max = Math.max(1, this.totalCount - 1);
    this.#growing ??= setTimeout(() => this.#grow(), GROW_MS).unref();
  }

  #grow(): void {
    this.#growing = undefined;
    if (this.ending) return;
    this.options.max = this.#max;
    // pg-pool looks at those who wait only when a connection is given back, this one too.
    if (this.waitingCount > 0)
      super.connect().then(
        (client) => client.release(),
        () => {},
      );
  }
}

/** Clients that say when they are refused, before pg-pool hears of it: it would at once try again for the next who waits. */
function watched(refused: () => void): typeof Session {
  return class extends Session {
    // biome-ignore lint/suspicious/noExplicitAny: its two overloads; a pool uses the one with a callback.
    override connect(callback?: (...results: any[]) => void): any {
      if (!callback) return super.connect();
      super.connect((error: Error | null) => {
        if (isRefusal(error)) refused();
        callback(error);
      });
    }
  };
}

/**
 * Whether it is a limit on the number of connections that was hit: too_many_connections (PostgreSQL, appendix A), from
 * poolers too; PgBouncer's code is that of any violation of the protocol (08P01), so there its words decide.
 */
function isRefusal(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  return code === '53300' || (code === '08P01' && /no more connections|too many/i.test(message));
}

/** pg-pool's error has no code. */
function hasWaitedInVain(error: unknown): boolean {
  return (error as Error).message === 'timeout exceeded when trying to connect';
}
