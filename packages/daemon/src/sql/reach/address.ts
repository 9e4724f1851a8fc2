/**
 * Reads DATABASE_URL: this file handles what libpq's URIs say about hosts and TLS (PostgreSQL, 32.1.1.2);
 * node-postgres handles the rest.
 */
import { type Host, type Needed, SSL_MODES, type SslMode, type TlsWish, type Way } from './way.js';

/** The message does not quote the URL. */
export class AddressInvalid extends Error {
  override readonly name = 'AddressInvalid';
}

/** Defaults for what the URL does not say: DB_SSLMODE and related variables. */
export type TlsDefaults = Partial<Omit<TlsWish, 'atOnce'>>;

export interface DatabaseAddress {
  /** For node-postgres: user, password, database and other parameters. */
  connectionString: string;
  way: Way;
}

const DEFAULT_PORT = 5432;

/**
 * Parameters of libpq that are not supported and that would be unsafe to ignore. `channel_binding` and
 * `sslnegotiation` are supported.
 */
const NOT_DONE = [
  'sslcrl',
  'sslcrldir',
  'require_auth',
  'ssl_min_protocol_version',
  'sslcertmode',
  'hostaddr',
];

/**
 * Reads `postgres://user:password@host1:port1,host2:port2/database?parameters`.
 * @throws {AddressInvalid}
 */
export function databaseAddress(url: string, defaults: TlsDefaults = {}): DatabaseAddress {
  const parts = /^(postgres(?:ql)?:\/\/)(?:([^/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/.exec(url);
  if (!parts) throw new AddressInvalid('must be a URL like postgres://user:password@host:5432/database');
  const [, scheme = '', login, authority = '', path = '', query = ''] = parts;
  const given = new URLSearchParams(query);
  const take = (name: string): string | undefined => {
    const value = given.get(name) ?? undefined;
    given.delete(name);
    return value === '' ? undefined : value;
  };
  for (const name of NOT_DONE)
    if (take(name)) throw new AddressInvalid(`has ${name}, which csvjobs does not do; take it out`);

  const hosts = hostsOf(authority, take('host'), take('port'));
  const way: Way = {
    hosts,
    tls: tlsOf(take, defaults),
    needed: neededOf(take('target_session_attrs'), hosts),
    binding: oneOf('channel_binding', take('channel_binding'), ['disable', 'prefer', 'require']) ?? 'disable',
  };
  const [first] = hosts;
  given.set('host', first!.host);
  given.set('port', String(first!.port));
  // node-postgres reads only the user, password and database, and those of the other parameters that it knows.
  const connectionString = `${scheme}${login === undefined ? '' : `${login}@`}localhost${path}?${given}`;
  if (!URL.canParse(connectionString)) throw new AddressInvalid('is not a URL');
  return { connectionString, way };
}

/** Reads comma-separated lists; the parameters `host` and `port` take precedence over those before the path. */
function hostsOf(authority: string, host: string | undefined, port: string | undefined): Host[] {
  const inFront = authority.split(',').map((each) => {
    const [, name = '', number] = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(each) ?? [];
    if (name === '' && each !== '' && !each.startsWith(':'))
      throw new AddressInvalid('has a host that is none');
    return { name: decodeURIComponent(name.replace(/^\[(.*)\]$/, '$1')), number };
  });
  const names = host?.split(',') ?? inFront.map(({ name }) => name);
  const numbers = port?.split(',') ?? inFront.map(({ number }) => number ?? '');
  if (numbers.length !== 1 && numbers.length !== names.length)
    throw new AddressInvalid(
      `names ${names.length} hosts and ${numbers.length} ports; give each host its port`,
    );
  return names.map((name, index) => ({
    host: name || 'localhost',
    port: portOf(numbers.length === 1 ? numbers[0] : numbers[index]),
  }));
}

function portOf(text: string | undefined): number {
  if (!text) return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535)
    throw new AddressInvalid('has a port that is not a number from 1 to 65535');
  return port;
}

function tlsOf(take: (name: string) => string | undefined, defaults: TlsDefaults): TlsWish {
  // `ssl` is JDBC's parameter, which libpq accepts too; `uselibpqcompat` makes node-postgres treat the modes like
  // libpq.
  const ssl = oneOf('ssl', take('ssl'), ['true', '1', 'false', '0']);
  take('uselibpqcompat');
  const said = take('sslmode');
  if (said === 'no-verify')
    throw new AddressInvalid(
      'has sslmode=no-verify; write sslmode=require, which looks at no certificate either',
    );
  const mode: SslMode =
    oneOf('sslmode', said, SSL_MODES) ??
    (ssl === undefined ? (defaults.mode ?? 'prefer') : /true|1/.test(ssl) ? 'require' : 'disable');
  const negotiation = oneOf('sslnegotiation', take('sslnegotiation'), ['postgres', 'direct']);
  const wish: TlsWish = {
    mode,
    rootCert: take('sslrootcert') ?? defaults.rootCert,
    cert: take('sslcert') ?? defaults.cert,
    key: take('sslkey') ?? defaults.key,
    keyPassword: take('sslpassword') ?? defaults.keyPassword,
    atOnce: negotiation === 'direct',
  };
  if (wish.atOnce && ['disable', 'allow', 'prefer'].includes(mode))
    throw new AddressInvalid('has sslnegotiation=direct, which needs sslmode=require or more');
  return wish;
}

/** Because csvjobs writes, a standby among several hosts is unsuitable unless explicitly allowed. */
function neededOf(said: string | undefined, hosts: readonly Host[]): Needed {
  const standby = ['read-only', 'standby', 'prefer-standby'];
  if (said !== undefined && standby.includes(said))
    throw new AddressInvalid(
      `has target_session_attrs=${said}, but csvjobs writes; use read-write or primary`,
    );
  return (
    oneOf('target_session_attrs', said, ['any', 'read-write', 'primary']) ??
    (hosts.length > 1 ? 'primary' : 'any')
  );
}

function oneOf<const T extends string>(
  name: string,
  said: string | undefined,
  of: readonly T[],
): T | undefined {
  if (said === undefined || (of as readonly string[]).includes(said)) return said as T | undefined;
  throw new AddressInvalid(`has a ${name} that is none; it is one of ${of.join(', ')}`);
}
