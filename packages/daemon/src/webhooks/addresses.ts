/**
 * Which addresses webhooks may go to. A URL usually names a public host, but a name may lead anywhere: to
 * this machine, into the private network, to the metadata service of a cloud. So the address is checked on
 * connecting, after each lookup, and a name that changes its address a moment later gains nothing.
 *
 * What the configuration names is allowed: an address in the URL itself, this machine for `localhost`, and
 * private addresses for a name in WEBHOOK_ALLOW_PRIVATE, but never link-local ones or a metadata service.
 */
import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Failure } from '../failure.js';
import type { Endpoint } from './endpoint.js';

/** Metadata services whose addresses look private or public: EC2 over IPv6, Alibaba Cloud, Azure. */
const METADATA = ['fd00:ec2::254', '100.100.100.200', '168.63.129.16'];

/** Ranges of ipaddr.js that are a private network or this machine. */
const PRIVATE = ['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'];

/**
 * Global unicast (RFC 4291, 2.4, as assigned by IANA): the rest of IPv6 is reserved, and ipaddr.js takes it
 * for unicast.
 */
const GLOBAL: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** NAT64 (RFC 6052): networks that use it reach IPv4 through these addresses. */
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/**
 * The kind of an address: `other` is link-local, multicast, reserved, or an address of another kind in
 * disguise.
 */
export type Reach = 'public' | 'loopback' | 'private' | 'other';

/** @param text an IPv4 or IPv6 address; anything else is `other` */
export function reachOf(text: string): Reach {
  const plain = text.includes(':') ? hexadecimal(text) : text;
  if (plain === undefined || !ipaddr.isValid(plain)) return 'other';
  // For an IPv4 address mapped to IPv6, the connection goes to the IPv4 address.
  const address = ipaddr.process(plain);
  const range = address.range();
  if (METADATA.includes(address.toString())) return 'other';
  if (address instanceof ipaddr.IPv6) {
    if (address.match(NAT64)) return reachOf(address.toByteArray().slice(12).join('.'));
    if (range === 'unicast') return address.match(GLOBAL) ? 'public' : 'other';
  }
  if (range === 'unicast') return 'public';
  if (range === 'loopback') return 'loopback';
  return PRIVATE.includes(range) ? 'private' : 'other';
}

/**
 * Returns an IPv6 address in one form, undefined for others: ipaddr.js takes `::127.0.0.1` for IPv4, which it
 * is not.
 */
function hexadecimal(text: string): string | undefined {
  return URL.canParse(`http://[${text}]`) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : undefined;
}

/** Finds all addresses of a name; Node's own lookup, except in tests. */
export type Resolve = (
  name: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A lookup for the sockets of an endpoint, which finds only addresses that it may connect to. It is not
 * called for an address in the URL itself.
 */
export function guardedLookup(
  { url, allowPrivate }: Pick<Endpoint, 'url' | 'allowPrivate'>,
  resolve: Resolve = lookup,
): LookupFunction {
  const allowed: Reach[] = ['public'];
  if (/(^|\.)localhost\.?$/.test(url.hostname)) allowed.push('loopback');
  if (allowPrivate) allowed.push('loopback', 'private');
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const usable = addresses.filter(({ address }) => allowed.includes(reachOf(address)));
      const [first] = usable;
      if (!first) return callback(refusal(name, addresses), []);
      if (options.all) return callback(null, usable);
      callback(null, first.address, first.family);
    });
  };
}

function refusal(name: string, addresses: readonly LookupAddress[]): Failure {
  const [first] = addresses;
  return new Failure(
    'address_not_allowed',
    first
      ? `${name} resolves to ${first.address}, which is not a public address; set WEBHOOK_ALLOW_PRIVATE=${name} to allow that`
      : `${name} has no address`,
  );
}
