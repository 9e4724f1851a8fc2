/** Whether Redis can do what csvjobs needs: tested, not deduced. */
import pTimeout from 'p-timeout';
import { type Repeated, repeat } from '../repeat.js';

/** The part of an ioredis client that is needed. */
export interface AskedRedis {
  readonly status: string;
  info(section: string): Promise<string>;
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
  publish(channel: string, message: string): Promise<unknown>;
}

export interface HealthOptions {
  /** Prefix of csvjobs' keys and channels; the test uses it too. */
  prefix: string;
  /** The last error of another connection, if it is refused. */
  refusal: () => string | undefined;
}

/**
 * Reads, writes and publishes a little. The written key expires in a millisecond; the message is empty, and
 * all listeners ignore it.
 * @throws the error of Redis if it is unavailable, refuses (NOAUTH, NOPERM), is read-only, full or unable to
 * save, or may evict data when it is full
 */
export async function redisHealth(redis: AskedRedis, { prefix, refusal }: HealthOptions): Promise<string> {
  if (redis.status !== 'ready') throw new Error(advised(refusal() ?? `not connected (${redis.status})`));
  try {
    const [server, memory] = await Promise.all([redis.info('server'), redis.info('memory')]);
    const policy = field(memory, 'maxmemory_policy');
    if (policy !== 'noeviction') {
      throw new Error(
        `its maxmemory-policy is ${policy}: it may drop the queue's keys when it is full; set noeviction`,
      );
    }
    await redis.set(`${prefix}:probe`, '1', 'PX', 1);
    await redis.publish(`${prefix}:progress`, '');
    const elsewhere = refusal();
    if (elsewhere !== undefined) throw new Error(elsewhere);
    return `Redis ${field(server, 'redis_version')}, ${policy}`;
  } catch (error) {
    throw new Error(advised((error as Error).message), { cause: error });
  }
}

/** How often the health is checked, and the time limit for an answer, in ms. */
const LOOK_MS = 1_000;
const PATIENCE_MS = 3_000;

/**
 * Reports each change of the health, once: `unwell` with the problem, `well` when it is over. Only the result
 * of two checks in a row counts, so that a connection that is just being opened is not reported. It checks
 * every `everyMs`.
 */
export function watchHealth(
  look: () => Promise<unknown>,
  on: { unwell: (what: string) => void; well: () => void },
  everyMs = LOOK_MS,
): Repeated {
  let said = '';
  let last = '';
  return repeat(
    async () => {
      const what = await pTimeout(look(), {
        milliseconds: PATIENCE_MS,
        message: `no answer in ${PATIENCE_MS} ms`,
      }).then(
        () => '',
        (error: Error) => error.message,
      );
      // Any kind of trouble is news: a replica without its primary alternates between READONLY and
      // MASTERDOWN.
      const isKnown = said !== '' && what !== '';
      const settled = isKnown ? kindOf(what) === kindOf(last) : (what === '') === (last === '');
      last = what;
      if (!settled || kindOf(what) === kindOf(said)) return;
      said = what;
      if (what === '') on.well();
      else on.unwell(what);
    },
    everyMs,
    () => {},
  );
}

/** The same trouble in different words counts as one: the ways in which a server cannot be reached, say. */
function kindOf(what: string): string {
  if (
    /ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ENOENT|not connected|no answer|Connection is closed/.test(
      what,
    )
  )
    return 'away';
  return /^[A-Z]{4,}/.exec(what)?.[0] ?? what;
}

/** Advice by the code at the start of Redis's errors (redis.io, "RESP errors"; ACL; replication). */
const ADVICE: Record<string, string> = {
  NOAUTH: 'give the password in REDIS_URL',
  WRONGPASS: 'correct the user and password in REDIS_URL',
  NOPERM: 'see `ACL LOG` for what the user of REDIS_URL lacks',
  READONLY: 'point REDIS_URL at the primary',
  OOM: 'give Redis more memory (maxmemory)',
  MISCONF: 'see the log of Redis for why it cannot save',
  MOVED: 'csvjobs needs one Redis, not a cluster',
  CROSSSLOT: 'csvjobs needs one Redis, not a cluster',
};

/** The same for TLS, by the words of OpenSSL and Node, which are all that ioredis passes on. */
const TLS_ADVICE: readonly [RegExp, string][] = [
  [/altnames/, 'name Redis in REDIS_URL as its certificate does'],
  [/self-signed|local issuer|first certificate/, 'give the authority of Redis as REDIS_TLS_CA'],
  [
    /certificate (has expired|is not yet valid)/,
    'renew the certificate of Redis, or set the clock of this machine',
  ],
  [/wrong version number|packet length/, 'Redis does no TLS there; write redis: in REDIS_URL'],
  [
    /SSL alert|alert (certificate|unknown|bad|handshake)/,
    'give a client certificate as REDIS_TLS_CERT and REDIS_TLS_KEY, of an authority that Redis trusts',
  ],
];

function advised(message: string): string {
  const advice =
    ADVICE[/^[A-Z]+/.exec(message)?.[0] ?? ''] ?? TLS_ADVICE.find(([words]) => words.test(message))?.[1];
  return advice === undefined ? message : `${message.replace(/\.$/, '')}; ${advice}`;
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? 'unknown';
}
