/** Reads PostgreSQL's location from the configuration. */
import type { Connection } from '../pool.js';
import { databaseAddress, type TlsDefaults } from './address.js';
import { tlsOptions } from './tls.js';
import { isSocket, type SslMode, type Way } from './way.js';

/** The relevant variables. */
export interface DatabaseSettings {
  DATABASE_URL?: string | undefined;
  DATABASE_DIRECT_URL?: string | undefined;
  DB_HOST?: string | undefined;
  DB_PORT: number;
  DB_USER: string;
  DB_PASSWORD: string;
  DB_NAME: string;
  DB_SCHEMA?: string | undefined;
  DB_TIMEOUT: number;
  DB_SSLMODE?: SslMode | undefined;
  DB_SSLROOTCERT?: string | undefined;
  DB_SSLCERT?: string | undefined;
  DB_SSLKEY?: string | undefined;
  DB_SSLPASSWORD?: string | undefined;
}

/** Returns the configured database, if any. @throws {AddressInvalid} see databaseIssues */
export function configuredDatabase(settings: DatabaseSettings): Connection | undefined {
  if (settings.DATABASE_URL) return fromUrl(settings.DATABASE_URL, settings);
  const { DB_HOST: host, DB_PORT: port } = settings;
  if (!host) return undefined;
  return {
    ...ours(settings),
    host,
    port,
    user: settings.DB_USER,
    password: settings.DB_PASSWORD,
    database: settings.DB_NAME,
    way: {
      hosts: [{ host, port }],
      tls: { ...tlsDefaults(settings), mode: settings.DB_SSLMODE ?? 'prefer' },
      needed: 'any',
      binding: 'disable',
    },
  };
}

/** Returns the direct connection that bypasses the pooler, if configured. */
export function configuredDirect(settings: DatabaseSettings): Connection | undefined {
  return settings.DATABASE_DIRECT_URL ? fromUrl(settings.DATABASE_DIRECT_URL, settings) : undefined;
}

/** Returns the problems of the variables, each with its name; never quotes a password. */
export function databaseIssues(settings: DatabaseSettings): { variable: string; message: string }[] {
  const base = settings.DATABASE_URL ? 'DATABASE_URL' : 'DB_HOST';
  const issues = [
    ...issuesOf(base, () => configuredDatabase(settings)),
    ...issuesOf('DATABASE_DIRECT_URL', () => configuredDirect(settings)),
  ];
  if (settings.DATABASE_DIRECT_URL && !settings.DATABASE_URL && !settings.DB_HOST)
    issues.push({
      variable: 'DATABASE_DIRECT_URL',
      message: 'is the connection that bypasses the pooler in DATABASE_URL or DB_HOST; set one of these, too',
    });
  return issues;
}

function issuesOf(variable: string, read: () => Connection | undefined) {
  try {
    const way = read()?.way;
    if (way && mayNeedTls(way)) tlsOptions(way.tls, way.hosts[0]!.host);
    return [];
  } catch (error) {
    return [{ variable, message: (error as Error).message }];
  }
}

function mayNeedTls({ hosts, tls }: Way): boolean {
  return tls.mode !== 'disable' && !hosts.every(isSocket);
}

function fromUrl(url: string, settings: DatabaseSettings): Connection {
  return { ...databaseAddress(url, tlsDefaults(settings)), ...ours(settings) };
}

function ours({ DB_TIMEOUT, DB_SCHEMA }: DatabaseSettings): Connection {
  return { silenceMs: DB_TIMEOUT, schema: DB_SCHEMA };
}

function tlsDefaults(settings: DatabaseSettings): TlsDefaults {
  const { DB_SSLMODE, DB_SSLROOTCERT, DB_SSLCERT, DB_SSLKEY, DB_SSLPASSWORD } = settings;
  return {
    ...(DB_SSLMODE && { mode: DB_SSLMODE }),
    rootCert: DB_SSLROOTCERT,
    cert: DB_SSLCERT,
    key: DB_SSLKEY,
    keyPassword: DB_SSLPASSWORD,
  };
}
