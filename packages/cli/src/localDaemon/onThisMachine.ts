/** Whether an address is one of this machine: a daemon that is started here can listen only there. */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';

/** All of this machine's addresses at once. */
const ANY = ['0.0.0.0', '::'];

/** Returns why a daemon cannot listen at an address, or undefined if it may. */
export async function whyElsewhere({ hostname }: URL): Promise<string | undefined> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const own = new Set([
    ...ANY,
    ...Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
  ]);
  const found = await lookup(host, { all: true }).catch(() => undefined);
  if (found === undefined) return `${host} cannot be resolved`;
  const isHere = found.some(
    ({ address }) => own.has(address) || address.startsWith('127.') || address === '::1',
  );
  const [first] = found;
  const named = first === undefined || first.address === host ? host : `${host} is ${first.address}, which`;
  return isHere ? undefined : `${named} is no address of this machine`;
}
