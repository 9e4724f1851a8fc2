/** Converts an sslmode to options for Node's TLS, and reads the files for it. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { Failure } from '../../failure.js';
import type { TlsWish } from './way.js';

/** Stands for the public authorities (libpq's sslrootcert=system). */
const SYSTEM = 'system';

/**
 * Reads the files each time, because certificates are replaced while a daemon runs.
 * @throws {Failure} `database_tls`, with the parameter and what to do
 */
export function tlsOptions(wish: TlsWish, host: string): ConnectionOptions {
  const { mode, rootCert } = wish;
  const isFull = mode === 'verify-full';
  if (rootCert === SYSTEM && !isFull)
    throw wrong(
      'sslrootcert=system needs sslmode=verify-full: anybody can have a certificate of a public authority',
    );
  if (mode === 'verify-ca' && rootCert === undefined)
    throw wrong(
      'sslmode=verify-ca needs the authority to trust; give its file as sslrootcert (DB_SSLROOTCERT)',
    );
  const ca = rootCert === undefined || rootCert === SYSTEM ? undefined : read('sslrootcert', rootCert);
  const options: ConnectionOptions = {
    ...(ca && { ca }),
    ...clientCertificate(wish),
    // As in libpq, a given authority is checked in every mode; only verify-full compares the name.
    rejectUnauthorized: isFull || ca !== undefined,
    ...(!isFull && { checkServerIdentity: () => undefined }),
    host,
    // TLS does not send an IP address as the server name (RFC 6066, section 3).
    ...(isIP(host) === 0 && { servername: host }),
    ...(wish.atOnce && { ALPNProtocols: ['postgresql'] }),
  };
  try {
    return { ...options, secureContext: createSecureContext(options) };
  } catch (error) {
    throw wrong(explainedFile(error as Error), error);
  }
}

function clientCertificate({ cert, key, keyPassword }: TlsWish): ConnectionOptions {
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined)
    throw wrong('sslcert and sslkey (DB_SSLCERT, DB_SSLKEY) belong together; give both, or none');
  const certificate = read('sslcert', cert);
  const pem = read('sslkey', key);
  if (isEncrypted(pem) && !opens(pem, keyPassword))
    throw wrong('sslkey is encrypted, and sslpassword (DB_SSLPASSWORD) does not open it');
  return {
    cert: certificate,
    key: pem,
    ...(keyPassword !== undefined && { passphrase: keyPassword }),
  };
}

/** As marked by RFC 7468, section 11, and by the older RFC 1421, section 4.6.1.1. */
function isEncrypted(pem: Buffer): boolean {
  return /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m.test(pem.toString('latin1'));
}

/**
 * Tries the key instead of relying on OpenSSL's reason: 1 wrong password in 256 leaves a valid padding, and then
 * OpenSSL reports an unknown format.
 */
function opens(pem: Buffer, passphrase: string | undefined): boolean {
  try {
    createPrivateKey({ key: pem, passphrase });
    return true;
  } catch {
    return false;
  }
}

function read(parameter: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw wrong(`${parameter} names ${file}, which cannot be read (${(error as Error).message})`, error);
  }
}

/** Explains OpenSSL's errors about files; its codes are those of Node's errors. */
function explainedFile({ code = '', message }: NodeJS.ErrnoException): string {
  if (/KEY_VALUES_MISMATCH|key values mismatch/i.test(code + message))
    return 'sslkey is not the key of sslcert; give those that belong together';
  return `sslrootcert, sslcert or sslkey is not usable: ${message}; each must be a file in PEM`;
}

function wrong(message: string, cause?: unknown): Failure {
  return new Failure('database_tls', message, { retryable: true, cause });
}
