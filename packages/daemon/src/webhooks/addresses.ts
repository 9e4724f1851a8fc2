/**
 * Which addresses webhooks may go to. A URL names a public host as a rule, and a name may lead anywhere: to this machine, into
 * the private network, to the metadata service of a cloud. So the address is judged when it is connected to, after each look-up,
 * and a name that leads elsewhere a moment later gains nothing.
 *
 * What the configuration names may be reached: an address that stands in the URL, this machine for `localhost`, and private
 * addresses for a name in WEBHOOK_ALLOW_PRIVATE, but never link-local ones or a metadata service.
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

/** Global unicast (RFC 4291, 2.4, as IANA gives it out): the rest of IPv6 is reserved, and ipaddr.js takes it for unicast. */
const GLOBAL: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/** NAT64 (RFC 6052): where it is used, IPv4 is reached like this. */
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/** What an address is: `other` is link-local, multicast, reserved, or an address of another kind in disguise. */
export type Reach = 'public' | 'loopback' | 'private' | 'other';

/** @param text an IPv4 or IPv6 address; what is none is `other` */
export function reachOf(text: string): Reach {
  const plain = text.includes(':') ? hexadecimal(text) : text;
  if (plain === undefined || !ipaddr.isValid(plain)) return 'other';
  // An IPv4 address that is mapped to IPv6 is what is connected to.
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

/** An IPv6 address in one form, undefined for others: ipaddr.js takes `::127.0.0.1` for IPv4, which it is not. */
function hexadecimal(text: string): string | undefined {
  return URL.canParse(`http://[${text}]`) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : undefined;
}

/** Finds all addresses of a name; node's own, but for tests. */
export type Resolve = (
  name: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A look-up for the sockets of an endpoint, which finds only addresses that it may reach. It is not asked where an address stands
 * in the URL itself.
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
      ? `${name} leads to ${first.address}, which is not a public address; set WEBHOOK_ALLOW_PRIVATE=${name} to allow that`
      : `${name} has no address`,
  );
}
