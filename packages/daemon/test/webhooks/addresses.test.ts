/** Allowed webhook addresses: each kind of address, and each way to name one in the configuration. */
import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { guardedLookup, type Reach, type Resolve, reachOf } from '../../src/webhooks/addresses.js';

const ADDRESSES: Record<Reach, string[]> = {
  public: [
    '1.1.1.1',
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.1',
    '192.167.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:830::200e',
    '::ffff:8.8.8.8',
    // NAT64 of a public address.
    '64:ff9b::808:808',
  ],
  loopback: ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.254',
    'fc00::1',
    'fd12:3456::1',
    '::ffff:10.0.0.1',
    '::ffff:c0a8:101',
    '64:ff9b::a00:1',
  ],
  other: [
    // Metadata services.
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '169.254.170.2',
    'fd00:ec2::254',
    'fd00:0ec2:0:0:0:0:0:254',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    // Link-local, unspecified, multicast, broadcast, reserved, for documentation.
    'fe80::1',
    'fe80::1%eth0',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '240.0.0.1',
    '192.0.2.1',
    '198.51.100.7',
    '203.0.113.9',
    '198.18.0.1',
    '2001:db8::1',
    'fec0::1',
    '100::1',
    '4000::1',
    // IPv4 in disguise: compatible, translated, 6to4, Teredo, a network's own NAT64.
    '::127.0.0.1',
    '::a00:1',
    '::ffff:0:10.0.0.1',
    '2002:7f00:1::',
    '2002:a00:1::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '64:ff9b:1::a00:1',
    // Not an address.
    'example.com',
    '',
    '127.0.0.1.example.com',
  ],
};

describe.each(Object.entries(ADDRESSES))('%s', (reach, addresses) => {
  test.each(addresses)('%s', (address) => expect(reachOf(address)).toBe(reach));
});

/** Resolves a name to these addresses, as a socket does. */
function found(
  url: string,
  addresses: readonly string[],
  { allowPrivate = false, all = true } = {},
): Promise<string | string[]> {
  const resolve: Resolve = (_name, _options, callback) =>
    callback(
      null,
      addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  const parsed = new URL(url);
  const lookup = guardedLookup({ url: parsed, allowPrivate }, resolve);
  return new Promise((settle, reject) => {
    lookup(parsed.hostname, { all }, (error, address) => {
      if (error) reject(error);
      else settle(typeof address === 'string' ? address : address.map((each) => each.address));
    });
  });
}

const refused = { code: 'address_not_allowed' };

test.each(
  [ADDRESSES.loopback, ADDRESSES.private, ADDRESSES.other].flat().filter((each) => /[.:]/.test(each)),
)('a public name that resolves to %s is refused, with the setting that allows it', async (address) => {
  await expect(found('https://hooks.example.com/', [address])).rejects.toMatchObject(refused);
  await expect(found('https://hooks.example.com/', [address], { all: false })).rejects.toMatchObject({
    message: expect.stringContaining('WEBHOOK_ALLOW_PRIVATE=hooks.example.com'),
  });
});

test('only the allowed ones of several addresses are connected to', async () => {
  const mixed = ['10.0.0.1', '2606:4700::1', '169.254.169.254', '8.8.8.8', '::1'];
  expect(await found('https://hooks.example.com/', mixed)).toEqual(['2606:4700::1', '8.8.8.8']);
  expect(await found('https://hooks.example.com/', mixed, { all: false })).toBe('2606:4700::1');
  await expect(found('https://hooks.example.com/', [])).rejects.toMatchObject(refused);
});

test('localhost is only this machine', async () => {
  for (const host of ['localhost', 'LOCALHOST', 'a.localhost', 'localhost.']) {
    expect(await found(`http://${host}:9/`, ['127.0.0.1', '10.0.0.1'])).toEqual(['127.0.0.1']);
    await expect(found(`http://${host}/`, ['192.168.0.1'])).rejects.toMatchObject(refused);
  }
  await expect(found('http://notlocalhost/', ['127.0.0.1'])).rejects.toMatchObject(refused);
  await expect(found('http://localhost.example.com/', ['127.0.0.1'])).rejects.toMatchObject(refused);
});

test('a name in WEBHOOK_ALLOW_PRIVATE may resolve to the private network, but not to a metadata service', async () => {
  const allow = { allowPrivate: true };
  const url = 'https://erp.internal/';
  expect(await found(url, ['10.0.0.1', '127.0.0.1', 'fd12::1', '1.1.1.1'], allow)).toHaveLength(4);
  for (const address of ADDRESSES.other.filter((each) => /[.:]/.test(each)))
    await expect(found(url, [address], allow)).rejects.toMatchObject(refused);
});
