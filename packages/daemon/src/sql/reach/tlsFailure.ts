/** Explains why TLS failed or PostgreSQL refused it: what, why, and the next step. */
import { Failure } from '../../failure.js';
import { type Host, named, type TlsWish } from './way.js';

/** By Node's codes (doc/api/tls.md, "X509 certificate error codes") and OpenSSL's alerts. */
const REASONS: readonly { matches: RegExp; why: (wish: TlsWish, host: Host) => string }[] = [
  {
    matches: /^ERR_TLS_CERT_ALTNAME|^HOSTNAME_MISMATCH/,
    why: (_, { host }) =>
      `its certificate is not for ${host}; use a name that the certificate has, or sslmode=verify-ca where any name of this authority will do`,
  },
  {
    matches: /^CERT_HAS_EXPIRED|^CERT_NOT_YET_VALID/,
    why: () => 'its certificate is not valid now; renew it, or set the clock of this machine',
  },
  {
    matches: /SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA|CERT_SIGNATURE_FAILURE|CERT_CHAIN/,
    why: ({ rootCert }) =>
      `its certificate is not of an authority in ${rootCert ?? 'the list of public ones'}; give the authority of this server as sslrootcert (DB_SSLROOTCERT)`,
  },
  {
    matches: /^ERR_SSL_.*ALERT/,
    why: ({ cert }) =>
      cert === undefined
        ? 'it asks for a client certificate; give sslcert and sslkey (DB_SSLCERT, DB_SSLKEY)'
        : 'it does not take the client certificate; give one of an authority that it trusts as sslcert and sslkey',
  },
];

/** Explains an error of Node's TLS in a sentence. */
export function explainTls(error: Error, wish: TlsWish, host: Host): Failure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason = REASONS.find(({ matches }) => matches.test(code))?.why(wish, host);
  return failure(host, reason ?? 'TLS could not be agreed upon; see the log of PostgreSQL', error);
}

/** The server does not support TLS. */
export class WithoutTls extends Failure {
  constructor({ mode }: TlsWish, host: Host) {
    super(
      'database_tls',
      `PostgreSQL at ${named(host)}: it offers no TLS, and sslmode=${mode} asks for it; set ssl = on in its postgresql.conf, or sslmode=prefer where the network between is trusted`,
      { retryable: true },
    );
  }
}

/**
 * Explains a server's refusal for lack of TLS or a certificate (28000, in English); returns other errors as they are.
 */
export function explainRefusal(error: Error, wish: TlsWish, host: Host): Error {
  if (/certificate/i.test(error.message))
    return failure(
      host,
      wish.cert === undefined
        ? 'it asks for a client certificate; give sslcert and sslkey (DB_SSLCERT, DB_SSLKEY)'
        : 'it does not take the client certificate for this role; give one of the role and of an authority that it trusts',
      error,
    );
  if (/no encryption|SSL off/i.test(error.message))
    return failure(
      host,
      `it takes no connection without TLS from here, and sslmode is ${wish.mode}; use sslmode=require or verify-full`,
      error,
    );
  return error;
}

/** channel_binding=require, but the server does not bind the password to the connection. */
export function withoutBinding(host: Host): Failure {
  return failure(
    host,
    'it does not bind the password to the connection, and channel_binding=require asks for it; use scram-sha-256 over TLS, or channel_binding=prefer',
  );
}

function failure(host: Host, why: string, cause?: Error): Failure {
  const said = cause === undefined ? '' : ` (${cause.message})`;
  return new Failure('database_tls', `PostgreSQL at ${named(host)}: ${why}${said}`, {
    retryable: true,
    cause,
  });
}
