import { setTimeout as pause } from 'node:timers/promises';
import pTimeout from 'p-timeout';
import pg from 'pg';
import { onOpenConnection } from './closedIdle.js';
import { Session } from './session.js';

/** How long the pool keeps its reduced size after a refusal before it tries to grow again, in ms. */
const GROW_MS = 1_000;
/** Pause before the next try if the pool has no connection at all that could become free, in ms. */
const NONE_MS = 100;
/** How long a server may take to close connections, in ms: it may hang. */
const CLOSE_MS = 500;
/** pg-pool's default (its README). */
const DEFAULT_MAX = 10;

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (error?: Error | boolean) => void,
) => void;

/**
 * A pool of sessions for a role, database, server or pooler that may allow fewer connections than the pool's maximum.
 * When it is refused another connection, it shrinks to the size it has, and callers wait in turn for a connection to
 * become free, as with any full pool. A second later it tries to grow again. `connectionTimeoutMillis` limits the
 * wait for the pool's own connections and, at most once more, for connections that other processes give back; then
 * the refusal is thrown.
 */
export class ScarcePool extends pg.Pool {
  readonly #max: number;
  #growing: NodeJS.Timeout | undefined;
  /** The connections that are not closed. */
  readonly #open = new Set<pg.PoolClient>();

  constructor(config: pg.PoolConfig) {
    // Its own type allows any client; @types/pg allows only pg's own constructor.
    const Client = watched(() => this.#shrink()) as unknown as typeof pg.Client;
    super({ ...config, Client } as pg.PoolConfig);
    this.#max = config.max ?? DEFAULT_MAX;
    this.on('connect', (client) => {
      this.#open.add(client);
      client.once('end', () => this.#open.delete(client));
    });
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

  // biome-ignore lint/suspicious/noExplicitAny: its overloads all come through here; those with a callback are unchanged.
  override query(...args: any[]): any {
    const query = (): Promise<unknown> => Reflect.apply(super.query, this, args);
    return args.some((arg) => typeof arg === 'function') ? query() : onOpenConnection(this, query);
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | undefined {
    clearTimeout(this.#growing);
    const ended = this.#end();
    if (!callback) return ended;
    void ended.then(callback, callback);
  }

  /**
   * Ends once PostgreSQL has closed the connections: pg-pool only asks for it, and a server that stops meanwhile would break them.
   */
  async #end(): Promise<void> {
    const closed = Promise.all([...this.#open].map(isClosed));
    await super.end();
    await pTimeout(closed, { milliseconds: CLOSE_MS, fallback: () => [] });
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

  /** Shrinks to the size without the refused connection; if there are none, to one, so that only one caller retries. */
  #shrink(): void {
    this.options.max = Math.max(1, this.totalCount - 1);
    this.#growing ??= setTimeout(() => this.#grow(), GROW_MS).unref();
  }

  #grow(): void {
    this.#growing = undefined;
    if (this.ending) return;
    this.options.max = this.#max;
    // pg-pool serves waiting callers only when a connection is released, so this acquires and releases one.
    if (this.waitingCount > 0)
      super.connect().then(
        (client) => client.release(),
        () => {},
      );
  }
}

/** A client class that reports a refusal before pg-pool sees it and at once retries for the next caller. */
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
 * Returns whether a limit on the number of connections was hit: too_many_connections (PostgreSQL, appendix A), from
 * poolers too. PgBouncer's code (08P01) stands for any protocol violation, so its message decides.
 */
function isRefusal(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  return code === '53300' || (code === '08P01' && /no more connections|too many/i.test(message));
}

/** pg-pool's error has no code. */
function hasWaitedInVain(error: unknown): boolean {
  return (error as Error).message === 'timeout exceeded when trying to connect';
}

function isClosed(client: pg.PoolClient): Promise<void> {
  return new Promise((resolve) => client.once('end', resolve));
}
