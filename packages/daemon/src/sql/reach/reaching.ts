/**
 * Node-postgres' connection, which reaches PostgreSQL as libpq does (PostgreSQL, 32.1): one host after the other, with and
 * without TLS, until one takes the role and will do. Node-pg itself knows one host, and reads sslmode otherwise than libpq.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import { Failure } from '../../failure.js';
import { watchSilence } from '../silence.js';
import { Elsewhere, OtherWay } from './outcomes.js';
import { WithoutTls } from './tlsFailure.js';
import { broken, type Encryption, openTransport } from './transport.js';
import { createTrial, type Trial, WHAT_IT_IS } from './trial.js';
import { type Host, isSocket, named, type SslMode, type Way } from './way.js';

export interface ReachOptions {
  /** How long one host may take, in ms. */
  patienceMs: number;
  /** See silence.ts. */
  silenceMs: number;
  keepAlive: boolean;
}

/** What of node-postgres' Connection is not in its types (lib/connection.js of pg 8). */
interface Inner {
  stream: Socket;
  _ending: boolean;
  _connecting: boolean;
  attachListeners(stream: Socket): void;
}

/** The ways to one host, in libpq's order (PostgreSQL, table 32.1). */
const ENCRYPTIONS: Record<SslMode, readonly Encryption[]> = {
  disable: ['none'],
  allow: ['none', 'required'],
  prefer: ['if-offered', 'none'],
  require: ['required'],
  'verify-ca': ['required'],
  'verify-full': ['required'],
};

/** The host that would do last, by its way: the others are asked when that is away. */
const lastUsed = new WeakMap<Way, Host>();

export class Reaching extends pg.Connection {
  readonly #options: ReachOptions;
  #trial: Trial | undefined;
  /** Set before `connect`, by whoever makes the client. */
  way!: Way;

  constructor(options: ReachOptions) {
    super({ stream: new Socket() } as unknown as pg.ConnectionConfig);
    this.#options = options;
  }

  /** Called by pg's Client, whose own host and port are those of one host; it hears `connect`, `error` and `end`. */
  connect(): void {
    this.#inner._connecting = true;
    this.#reach().catch((error: Error) => {
      this.#trial = undefined;
      this.#failed(error);
      this.emit('end');
    });
  }

  override emit(event: string, ...args: unknown[]): boolean {
    return this.#trial !== undefined && !this.#trial(event, args[0]) ? true : super.emit(event, ...args);
  }

  get #inner(): Inner {
    return this as unknown as Inner;
  }

  /** As node-pg has it: of a connection that is being ended nobody hears that it was reset. */
  #failed(error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    if (!(this.#inner._ending && (code === 'ECONNRESET' || code === 'EPIPE'))) this.emit('error', error);
  }

  async #reach(): Promise<void> {
    const { way } = this;
    const last = lastUsed.get(way);
    const hosts = last ? [last, ...way.hosts.filter((host) => host !== last)] : way.hosts;
    const failures: { host: Host; error: Error }[] = [];
    for (const host of hosts) {
      try {
        await this.#reachHost(host);
        lastUsed.set(way, host);
        return;
      } catch (error) {
        if (!(error instanceof Elsewhere)) throw error;
        failures.push({ host, error: error.cause });
        if (this.#inner._ending) break;
      }
    }
    throw noneWillDo(failures);
  }

  async #reachHost(host: Host): Promise<void> {
    const { patienceMs } = this.#options;
    const late = setTimeout(() => {
      const error = new Error(`no connection to ${named(host)} in ${patienceMs} ms`);
      this.#inner.stream.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    }, patienceMs);
    const ways: readonly Encryption[] = isSocket(host) ? ['none'] : ENCRYPTIONS[this.way.tls.mode];
    const refusals: Error[] = [];
    try {
      for (const encryption of ways) {
        try {
          return await this.#attempt(host, encryption);
        } catch (error) {
          this.#inner.stream.destroy();
          if (!(error instanceof OtherWay)) throw error;
          refusals.push(error.cause);
        }
      }
    } finally {
      clearTimeout(late);
    }
    throw tellingOf(ways[0] === 'none' ? refusals.reverse() : refusals);
  }

  /** One connection, up to the first ReadyForQuery, which the client gets when this server will do. */
  async #attempt(host: Host, encryption: Encryption): Promise<void> {
    const inner = this.#inner;
    const { tls } = this.way;
    const stream = await openTransport(host, encryption, tls, (socket) => {
      inner.stream = socket;
      // pg's end() of a connection that is still being made.
      if (inner._ending) socket.destroy();
    });
    const { silenceMs, keepAlive } = this.#options;
    stream.setKeepAlive(keepAlive);
    return new Promise((resolve, reject) => {
      let isReady = false;
      const fail = (error: Error) => {
        // What else the server has said is nothing to the client.
        this.#trial = () => false;
        reject(error);
      };
      stream.on('error', (error) => (isReady ? this.#failed(error) : fail(broken(error, tls, host))));
      stream.once('close', () => {
        if (isReady) this.emit('end');
        else fail(new Elsewhere(new Error('Connection terminated unexpectedly')));
      });
      this.#trial = createTrial(host, this.way, {
        ask: () => this.query(WHAT_IT_IS),
        fail,
        done: (message) => {
          isReady = true;
          this.#trial = undefined;
          watchSilence(stream, silenceMs);
          resolve();
          super.emit('readyForQuery', message);
        },
      });
      inner.attachListeners(stream);
      // Has the client send its startup message; it knows of no TLS.
      super.emit('connect');
    });
  }
}

/** Of the refusals with and without TLS, in this order, the one that says more. */
function tellingOf(refusals: readonly Error[]): Error {
  return refusals.find((each) => !(each instanceof WithoutTls)) ?? refusals[0]!;
}

/** What is wrong at one host is told as it is. */
function noneWillDo(failures: readonly { host: Host; error: Error }[]): Error {
  const [first] = failures;
  if (failures.length === 1) return first!.error;
  const each = failures.map(({ host, error }) => `${named(host)}: ${error.message}`);
  const message = `PostgreSQL cannot be used at any of its hosts (${each.join('; ')})`;
  return new Failure('database_unreachable', message, { retryable: true, cause: first!.error });
}
