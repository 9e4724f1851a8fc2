/**
 * Where Redis is, from the configuration: one server, or the one that Sentinel names; with or without TLS.
 */
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { RedisOptions } from 'ioredis';
import { redisAddress } from './address.js';

/** The variables that configure it. */
export interface RedisSettings {
  REDIS_URL?: string | undefined;
  REDIS_HOST?: string | undefined;
  REDIS_PORT: number;
  REDIS_TLS_CA?: string | undefined;
  REDIS_TLS_CERT?: string | undefined;
  REDIS_TLS_KEY?: string | undefined;
  REDIS_SENTINELS?: string | undefined;
  REDIS_SENTINEL_NAME?: string | undefined;
  REDIS_SENTINEL_USERNAME?: string | undefined;
  REDIS_SENTINEL_PASSWORD?: string | undefined;
}

/**
 * The configured Redis, if any. With Sentinel, REDIS_URL gives the login, the database and TLS, and its host
 * is ignored.
 * @throws {Error} see redisIssues
 */
export function configuredRedis(settings: RedisSettings): RedisOptions | undefined {
  const { REDIS_URL, REDIS_HOST, REDIS_PORT, REDIS_SENTINELS } = settings;
  const address = REDIS_URL
    ? redisAddress(REDIS_URL)
    : REDIS_HOST || REDIS_SENTINELS
      ? { host: REDIS_HOST, port: REDIS_PORT }
      : undefined;
  if (!address) return undefined;
  const tls = 'tls' in address ? tlsFiles(settings) : undefined;
  const server = { ...address, ...(tls && { tls }) } as RedisOptions;
  return REDIS_SENTINELS ? bySentinel(server, settings) : server;
}

/** What is wrong with the variables, each with its name; without any passwords. */
export function redisIssues(settings: RedisSettings): { variable: string; message: string }[] {
  const { REDIS_URL, REDIS_TLS_CA, REDIS_TLS_CERT, REDIS_TLS_KEY } = settings;
  const { REDIS_SENTINELS, REDIS_SENTINEL_NAME } = settings;
  const issue = (variable: string, message: string) => [{ variable, message }];
  if (REDIS_SENTINELS && !REDIS_SENTINEL_NAME)
    return issue(
      'REDIS_SENTINEL_NAME',
      'is needed with REDIS_SENTINELS: the name in `sentinel monitor <name>`',
    );
  if (REDIS_SENTINEL_NAME && !REDIS_SENTINELS)
    return issue(
      'REDIS_SENTINELS',
      'is needed with REDIS_SENTINEL_NAME: as in sentinel1:26379,sentinel2:26379',
    );
  if (REDIS_SENTINELS && REDIS_URL?.startsWith('unix:'))
    return issue('REDIS_URL', 'cannot be a socket with REDIS_SENTINELS; write redis: or rediss:');
  if ((REDIS_TLS_CA || REDIS_TLS_CERT || REDIS_TLS_KEY) && !REDIS_URL?.startsWith('rediss:'))
    return issue(
      'REDIS_URL',
      'must begin with rediss: where REDIS_TLS_CA, REDIS_TLS_CERT or REDIS_TLS_KEY is set',
    );
  if ((REDIS_TLS_CERT === undefined) !== (REDIS_TLS_KEY === undefined))
    return issue('REDIS_TLS_CERT', 'and REDIS_TLS_KEY belong together; set both, or none');
  try {
    const options = configuredRedis(settings);
    if (options?.tls) createSecureContext(options.tls as SecureContextOptions);
    return [];
  } catch (error) {
    const variable =
      REDIS_TLS_CA || REDIS_TLS_CERT ? 'REDIS_TLS_CA, REDIS_TLS_CERT or REDIS_TLS_KEY' : 'REDIS_SENTINELS';
    return issue(variable, (error as Error).message);
  }
}

/** The host name in the certificate is always checked: Node's own checks stay unchanged. */
function tlsFiles({ REDIS_TLS_CA, REDIS_TLS_CERT, REDIS_TLS_KEY }: RedisSettings): SecureContextOptions {
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file));
  const [ca, cert, key] = [read(REDIS_TLS_CA), read(REDIS_TLS_CERT), read(REDIS_TLS_KEY)];
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function bySentinel({ host: _, port: __, ...server }: RedisOptions, settings: RedisSettings): RedisOptions {
  const { REDIS_SENTINEL_USERNAME, REDIS_SENTINEL_PASSWORD } = settings;
  return {
    ...server,
    name: settings.REDIS_SENTINEL_NAME!,
    sentinels: settings.REDIS_SENTINELS!.split(',').map(sentinelAt),
    ...(REDIS_SENTINEL_USERNAME && { sentinelUsername: REDIS_SENTINEL_USERNAME }),
    ...(REDIS_SENTINEL_PASSWORD && { sentinelPassword: REDIS_SENTINEL_PASSWORD }),
    // Sentinels use TLS if their Redis does.
    ...(server.tls && { enableTLSForSentinelMode: true, sentinelTLS: server.tls }),
  };
}

function sentinelAt(text: string): { host: string; port: number } {
  const [, host, port = '26379'] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  if (host === undefined) throw new Error('must be a list like sentinel1:26379,sentinel2:26379');
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}
