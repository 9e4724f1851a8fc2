/** Failures of an attempt after which another is worth trying; `cause` is for people. All other errors are final. */

/** This host is unusable now; another may be usable. */
export class Elsewhere extends Error {
  override readonly name = 'Elsewhere';
  declare readonly cause: Error;
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** The host refuses the connection with TLS, or without it; the other way may work. */
export class OtherWay extends Error {
  override readonly name = 'OtherWay';
  declare readonly cause: Error;
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** Returns whether the network failed, which says nothing about TLS. */
export function isNetwork(error: Error): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  // Node uses EPROTO for a failure of OpenSSL.
  return /^E(AI_)?[A-Z]+$/.test(code) && code !== 'EPROTO';
}
