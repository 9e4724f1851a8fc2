/** Errors for people that explain why the daemon does not answer. */

import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { isBlockedPort } from './blockedPorts.js';

/** The default address; settings.ts has it as a URL. */
const USUAL = 'http://127.0.0.1:4000';

/** Why a connection failed or was lost, by the error's code. */
const NETWORK_REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name could not be resolved',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'the network is unreachable',
  EADDRNOTAVAIL: 'the address cannot be used from this machine',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_HEADERS_TIMEOUT: 'it did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'its answer stopped',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_INFO: 'the connection was reset',
};

/** Returns the code of a network error, also from its causes (fetch wraps them); undefined for any other error. */
export function networkCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const inner = at instanceof AggregateError ? (at.errors[0] as unknown) : undefined;
    for (const candidate of [at, inner]) {
      const code = (candidate as NodeJS.ErrnoException | undefined)?.code;
      if (
        typeof code === 'string' &&
        (code in NETWORK_REASONS || /^(EPROTO$|ERR_TLS|ERR_SSL_|HPE_)|CERT/.test(code))
      )
        return code;
    }
  }
  return undefined;
}

/** Explains the message of an EventSource that lost its stream: it carries no error with a code. */
export function lostReason(message: string): string {
  const code = Object.keys(NETWORK_REASONS).find((known) => message.includes(known));
  if (code !== undefined) return NETWORK_REASONS[code]!;
  if (message.includes('bad port'))
    return 'streams are impossible on this port, which fetch blocks (WHATWG Fetch, 2.9); use another port';
  // "TypeError: terminated: other side closed", as fetch puts it.
  return message.replace(/^TypeError: (fetch failed: |terminated: )?/, '');
}

/** Returns the error for a daemon that does not answer; returns other errors unchanged. */
export function connectionError(error: unknown, url: URL): unknown {
  // An error about the file being sent keeps its own words, even if the network caused it.
  if (error instanceof UserError) return error;
  const code = networkCode(error);
  if (code === undefined) return error;
  return new UserError({
    code: 'daemon_unreachable',
    exitCode: EXIT.unreachable,
    what: `The daemon at ${url.origin} cannot be reached`,
    why: networkReason(code),
    next: nextOf(code, url),
    cause: error,
  });
}

/** Explains the code of a network error. */
export function networkReason(code: string): string {
  if (isPlainBehindTls(code)) return 'the server speaks http, not https';
  if (code.startsWith('HPE_')) return 'the server does not speak http; it may speak https';
  return NETWORK_REASONS[code] ?? `the secure connection failed (${code})`;
}

/** The command or change that helps; it includes the address unless that is the default. */
function nextOf(code: string, url: URL): string {
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (isPlainBehindTls(code)) return `use http: --url ${url.origin.replace('https:', 'http:')}`;
  if (code.startsWith('HPE_')) return `try https: --url ${url.origin.replace('http:', 'https:')}`;
  if (!local || code !== 'ECONNREFUSED')
    return 'check the address (csvjobs config list says where it is from), then csvjobs doctor';
  if (isBlockedPort(url)) return 'use another port (CSVJOBS_URL, --url): fetch and browsers block this one';
  if (url.protocol === 'https:')
    return `csvjobs daemon start --url ${url.origin.replace('https:', 'http:')} (a daemon speaks http; use that address)`;
  return url.origin === USUAL ? 'csvjobs daemon start' : `csvjobs daemon start --url ${url.origin}`;
}

/** The address that a connection error advises: with http in place of https, or the other way round. */
export function otherScheme({ next = '' }: UserError): string | undefined {
  return /^(?:use http|try https): --url (\S+)$/.exec(next)?.[1];
}

/** OpenSSL reads the answer of a server without TLS as a record with a nonexistent version. */
function isPlainBehindTls(code: string): boolean {
  return code === 'EPROTO' || code.startsWith('ERR_SSL_');
}
