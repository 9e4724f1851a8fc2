/** How PostgreSQL is reached: its hosts, what TLS must prove, and which of the hosts will do; all as libpq means it. */

/** PostgreSQL, 32.1.2 (sslmode) and table 32.1. */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** One server. */
export interface Host {
  /** A name, an IP address, or the folder of a Unix socket. */
  host: string;
  port: number;
}

export interface TlsWish {
  mode: SslMode;
  /** Files in PEM. `system` as rootCert: the public authorities that Node.js carries. */
  rootCert?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** Of the key. */
  keyPassword?: string | undefined;
  /** TLS from the first byte, without asking (sslnegotiation=direct, PostgreSQL 17 and later). */
  atOnce?: boolean;
}

/** Which host will do: any, one whose sessions may write by default, one that is no standby (target_session_attrs). */
export type Needed = 'any' | 'read-write' | 'primary';

export interface Way {
  /** Tried in this order; the one that would do last comes first. */
  hosts: readonly Host[];
  tls: TlsWish;
  needed: Needed;
  /** Whether the password's proof is bound to the TLS connection (channel_binding). */
  binding: 'disable' | 'prefer' | 'require';
}

/** libpq ignores sslmode where the server is on this machine, behind a Unix socket. */
export function isSocket({ host }: Host): boolean {
  return host.startsWith('/');
}

/** As a person writes it. */
export function named({ host, port }: Host): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** How long a host may take to let us in, in ms. */
export const HOST_MS = 5_000;
