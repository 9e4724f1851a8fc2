/** How to reach PostgreSQL: its hosts, what TLS must prove, and which hosts are suitable; all with libpq's meaning. */

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
  /** Password of the key. */
  keyPassword?: string | undefined;
  /** TLS from the first byte, without negotiation (sslnegotiation=direct, PostgreSQL 17 and later). */
  atOnce?: boolean;
}

/** Suitable hosts: any, one whose sessions write by default, or one that is not a standby (target_session_attrs). */
export type Needed = 'any' | 'read-write' | 'primary';

export interface Way {
  /** Tried in this order, but the last suitable one comes first. */
  hosts: readonly Host[];
  tls: TlsWish;
  needed: Needed;
  /** Whether the password's proof is bound to the TLS connection (channel_binding). */
  binding: 'disable' | 'prefer' | 'require';
}

/** libpq ignores sslmode for a server on this machine, behind a Unix socket. */
export function isSocket({ host }: Host): boolean {
  return host.startsWith('/');
}

/** Formats a host for people. */
export function named({ host, port }: Host): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Time limit for connecting to a host, in ms. */
export const HOST_MS = 5_000;
