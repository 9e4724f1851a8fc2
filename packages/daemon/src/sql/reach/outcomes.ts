/** How an attempt at a server ends that is not the last word; `cause` is what a person reads. Anything else is. */

/** This host is of no use now; another one may be. */
export class Elsewhere extends Error {
  override readonly name = 'Elsewhere';
  declare readonly cause: Error;
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** With TLS, or without it, the host cannot be had; the other way it may. */
export class OtherWay extends Error {
  override readonly name = 'OtherWay';
  declare readonly cause: Error;
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** Whether it is the network that failed, which says nothing about TLS. */
export function isNetwork(error: Error): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  // EPROTO is what Node says where OpenSSL has failed.
  return /^E(AI_)?[A-Z]+$/.test(code) && code !== 'EPROTO';
}
