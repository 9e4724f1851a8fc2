/**
 * Node-postgres' connection, made to reach PostgreSQL like libpq (PostgreSQL, 32.1): tries one host after the other,
 * with and without TLS, until one accepts the role and is suitable. Node-postgres itself knows only one host, and
 * interprets sslmode differently from libpq.
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
  /** Time limit for one host, in ms. */
  patienceMs: number;
  /** See silence.ts. */
  silenceMs: number;
  keepAlive: boolean;
}

/** Members of node-postgres' Connection that its types lack (lib/connection.js of pg 8). */
interface Inner {
  stream: Socket;
  _ending: boolean;
  _connecting: boolean;
  attachListeners(stream: Socket): void;
}

/** The encryptions to try for a host, in libpq's order (PostgreSQL, table 32.1). */
const ENCRYPTIONS: Record<SslMode, readonly Encryption[]> = {
  disable: ['none'],
  allow: ['none', 'required'],
  prefer: ['if-offered', 'none'],
  require: ['required'],
  'verify-ca': ['required'],
  'verify-full': ['required'],
};

/** The last suitable host of each way. The others are tried only if it is gone. */
const lastUsed = new WeakMap<Way, Host>();

export class Reaching extends pg.Connection {
  readonly #options: ReachOptions;
  #trial: Trial | undefined;
  /** Must be set before `connect`. */
  way!: Way;

  constructor(options: ReachOptions) {
    super({ stream: new Socket() } as unknown as pg.ConnectionConfig);
    this.#options = options;
  }

  /** Called by pg's Client; its host and port are ignored. The client listens for `connect`, `error` and `end`. */
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

  /** Like node-postgres, does not report a reset of a connection that is being closed. */
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
      const error = new Error(`cannot connect to ${named(host)} within ${patienceMs} ms`);
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
    throw clearestOf(ways[0] === 'none' ? refusals.reverse() : refusals);
  }

  /** Makes one connection, up to the first ReadyForQuery, which is passed to the client if the server is suitable. */
  async #attempt(host: Host, encryption: Encryption): Promise<void> {
    const inner = this.#inner;
    const { tls } = this.way;
    const stream = await openTransport(host, encryption, tls, (socket) => {
      inner.stream = socket;
      // The client has called end() while the connection was being made.
      if (inner._ending) socket.destroy();
    });
    const { silenceMs, keepAlive } = this.#options;
    stream.setKeepAlive(keepAlive);
    return new Promise((resolve, reject) => {
      let isReady = false;
      const fail = (error: Error) => {
        // The client must not see the server's other messages.
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
      // Makes the client send its startup message; it does not know about TLS.
      super.emit('connect');
    });
  }
}

/** Returns the more informative of the refusals with and without TLS, which are in this order. */
function clearestOf(refusals: readonly Error[]): Error {
  return refusals.find((each) => !(each instanceof WithoutTls)) ?? refusals[0]!;
}

/** If there is only one host, returns its error unchanged. */
function noneWillDo(failures: readonly { host: Host; error: Error }[]): Error {
  const [first] = failures;
  if (failures.length === 1) return first!.error;
  const each = failures.map(({ host, error }) => `${named(host)}: ${error.message}`);
  const message = `PostgreSQL cannot be used at any of its hosts (${each.join('; ')})`;
  return new Failure('database_unreachable', message, { retryable: true, cause: first!.error });
}
