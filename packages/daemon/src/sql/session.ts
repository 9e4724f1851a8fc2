import pg from 'pg';
import { asFailure } from '../failure.js';
import { Reaching } from './reach/reaching.js';
import { HOST_MS, type Way } from './reach/way.js';
import { type Opening, opening } from './settings.js';

/** Statements that begin and end a transaction that the caller controls. `rollback to savepoint` does neither. */
const BEGINS = /^\s*begin\b/i;
const ENDS = /^\s*(commit|end|rollback(?!\s+(to|and chain)\b))\b/i;
/** Ends a transaction and begins the next in one step, so that a pooler cannot give the backend away in between. */
const RESTARTS = /^\s*rollback and chain\b/i;

/** Settings of a session besides those of pg's Client; see Connection in pool.ts. */
export interface SessionConfig extends pg.ClientConfig {
  searchPath?: string | undefined;
  silenceMs?: number;
  way?: Way;
}

type Callback = (error: Error | null, result?: pg.QueryResult) => void;

/**
 * A connection that sends every statement with the settings of settings.ts. `begin` sets them for the transaction
 * that the caller opens, in the same round trip. Any other statement outside of a transaction carries them along and
 * is its own transaction, also in one round trip. No setting lasts longer, so the session may be shared: this works
 * behind a pooler in transaction mode.
 *
 * A COPY (pg-copy-streams) must be inside a transaction that the caller has begun.
 */
export class Session extends pg.Client {
  #opening: Opening;
  #inTransaction = false;
  readonly #connection: Reaching;

  constructor(config: SessionConfig) {
    const { way, silenceMs = 0, connectionTimeoutMillis = HOST_MS, keepAlive = false } = config;
    const patienceMs = connectionTimeoutMillis / (way?.hosts.length ?? 1);
    const connection = new Reaching({ patienceMs, silenceMs, keepAlive });
    // The connection handles timeouts and TLS itself; pg would also read PGSSLMODE.
    super({ ...config, connection, ssl: false, connectionTimeoutMillis: 0 } as pg.ClientConfig);
    this.#connection = connection;
    connection.way = way ?? plainWay(this);
    this.#opening = opening(0, config.searchPath);
    // The server, or a pooler in its place, announces its version before it takes the first statement.
    connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
      if (parameterName === 'server_version')
        this.#opening = opening(Number.parseInt(parameterValue, 10), config.searchPath);
    });
  }

  /** Whether the caller has begun a transaction: until it ends, all statements go over the same connection to the server. */
  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  // biome-ignore lint/suspicious/noExplicitAny: pg.Client has nine overloads, and all of them come through here.
  override query(...args: any[]): any {
    const [first, second] = args;
    // A submittable is a COPY; settings cannot be added to it.
    if (typeof first === 'object' && 'submit' in first) return super.query(first);
    const config: pg.QueryConfig = typeof first === 'string' ? { text: first } : { ...first };
    if (Array.isArray(second)) config.values = second;
    const callback = args.find((arg): arg is Callback => typeof arg === 'function');
    const done = this.#send(config).catch((error: unknown) => {
      // The server was a primary, or was taken for one. The next caller must get a new connection.
      if (asFailure(error).code === 'database_read_only') this.#connection.stream.destroy();
      throw error;
    });
    if (!callback) return done;
    done.then(
      (result) => callback(null, result),
      (error) => callback(error),
    );
  }

  /** Sends one simple query without the settings, to learn about a server before it is known to support them. */
  bare(text: string): Promise<pg.QueryResult> {
    return super.query(text);
  }

  #send(config: pg.QueryConfig): Promise<pg.QueryResult> {
    const { text } = config;
    if (BEGINS.test(text)) {
      this.#inTransaction = true;
      return super.query(text.replace(BEGINS, this.#opening.begin));
    }
    if (RESTARTS.test(text)) return super.query(text.replace(RESTARTS, this.#opening.restart));
    if (ENDS.test(text)) this.#inTransaction = false;
    else if (!this.#inTransaction) return this.#alone(config);
    return super.query(config);
  }

  /** Sends one statement (without values, several) as its own transaction. */
  #alone(config: pg.QueryConfig): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      const query = new OwnTransaction(this.#opening, config, (error, result) =>
        error ? reject(error) : resolve(result!),
      );
      super.query(query as unknown as pg.Submittable);
    }).catch((error: Error) => {
      // As pg does for its own queries: the stack leads to the caller instead of to a socket.
      Error.captureStackTrace(error);
      throw error;
    }) as Promise<pg.QueryResult>;
  }
}

/** The way of a client whose configuration names one host: private servers and tests. */
function plainWay({ host, port }: pg.Client): Way {
  return { hosts: [{ host, port }], tls: { mode: 'disable' }, needed: 'any', binding: 'disable' };
}

/** The handlers of node-postgres' Query that its Client calls but its types lack (lib/query.js of pg 8). */
interface Handlers {
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: unknown): void;
  prepare(connection: Wire): void;
}
interface Wire {
  parse(message: { text: string }): void;
  bind(message: object): void;
  execute(message: object): void;
}
const Query = pg.Query as unknown as new (config: pg.QueryConfig, callback: Callback) => Handlers;

/**
 * A query with its settings sent before it. Everything sent up to one Sync, or in one simple query, is one implicit
 * transaction (PostgreSQL, 54.2.3 and 54.2.2.1): it commits on its own, and an error also rolls back the settings.
 */
class OwnTransaction extends Query {
  readonly #opening: Opening;
  /** Commands before the query that are not complete yet; their results are dropped. */
  #ahead: number;

  constructor(opening: Opening, config: pg.QueryConfig, callback: Callback) {
    const extended = config.values !== undefined && config.values.length > 0;
    super(extended ? config : { ...config, text: opening.simple + config.text }, callback);
    this.#opening = opening;
    this.#ahead = extended ? opening.extended.length : opening.simpleCommands;
  }

  override prepare(connection: Wire): void {
    for (const text of this.#opening.extended) {
      connection.parse({ text });
      connection.bind({});
      connection.execute({});
    }
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (this.#ahead === 0) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: unknown): void {
    if (this.#ahead > 0) this.#ahead--;
    else super.handleCommandComplete(message, connection);
  }
}
