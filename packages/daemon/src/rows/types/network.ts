/**
 * The rules of inet, cidr and macaddr: their usual forms (PostgreSQL manual, section 8.9). Refuses addresses that leave
 * out numbers (`10.1`) or have leading zeros (`010.0.0.1`, which other tools read as octal), because reading them would
 * be guessing.
 */
import { DOUBT, type Fault, type TypeRule } from './typeRule.js';

/** network_recv in src/backend/utils/adt/network.c: address family, bits, whether it is a cidr, size, address. */
const FAMILIES = { 4: 2, 16: 3 } as const;
const LONGEST = 'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128'.length;

interface Address {
  bytes: number[];
  bits: number;
}

export const inetRule = networkRule(false);
export const cidrRule = networkRule(true);

function networkRule(isNetwork: boolean): TypeRule {
  const type = isNetwork ? 'cidr' : 'inet';
  const read = (text: string) => {
    const address = addressOf(text);
    return address && isNetwork && hasHostBits(address) ? undefined : address;
  };
  return {
    trims: true,
    judge: (value): Fault | undefined =>
      read(value) ? undefined : { code: 'not_an_address', params: { value, type } },
    write(bytes, start, end, out, at) {
      if (end - start > LONGEST) return DOUBT;
      const address = read(
        Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'),
      );
      if (!address) return DOUBT;
      const size = address.bytes.length as 4 | 16;
      out.setUint8(at, FAMILIES[size]);
      out.setUint8(at + 1, address.bits);
      out.setUint8(at + 2, isNetwork ? 1 : 0);
      out.setUint8(at + 3, size);
      for (const [place, byte] of address.bytes.entries()) out.setUint8(at + 4 + place, byte);
      return at + 4 + size;
    },
    // `::` takes 20 bytes.
    growth: 20,
  };
}

function addressOf(text: string): Address | undefined {
  const match = /^([\d.]+|[\da-f:]*:[\da-f:.]*)(?:\/(\d{1,3}))?$/i.exec(text);
  if (!match) return undefined;
  const [, address = '', length] = match;
  const bytes = address.includes(':') ? sixteenBytes(address) : fourBytes(address);
  if (!bytes) return undefined;
  const most = bytes.length * 8;
  if (length === undefined) return { bytes, bits: most };
  const bits = Number(length);
  return bits > most || (length.length > 1 && length.startsWith('0')) ? undefined : { bytes, bits };
}

function fourBytes(text: string): number[] | undefined {
  const parts = text.split('.');
  const known =
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return known ? parts.map(Number) : undefined;
}

/**
 * Reads an IPv6 address (RFC 4291, section 2.2): eight groups, `::` for zeros, the last two optionally as IPv4 address.
 */
function sixteenBytes(text: string): number[] | undefined {
  const dotted = /^(.*:)([\d.]+)$/.exec(text);
  const last = dotted?.[2]?.includes('.') ? fourBytes(dotted[2]) : [];
  if (!last) return undefined;
  const head = last.length > 0 ? dotted![1]!.replace(/([^:]):$/, '$1') : text;
  const halves = head.split('::');
  if (halves.length > 2) return undefined;
  const [before = [], behind = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (![...before, ...behind].every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  const zeros = 8 - before.length - behind.length - last.length / 2;
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...behind];
  return [
    ...groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
    ...last,
  ];
}

/** Whether bits after those of the network are set, which PostgreSQL refuses in a cidr. */
function hasHostBits({ bytes, bits }: Address): boolean {
  return bytes.some((byte, place) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * place));
    return (byte & (0xff >> kept)) !== 0;
  });
}

const MAC =
  /^(?:[\da-f]{2}(?:(?::[\da-f]{2}){5}|(?:-[\da-f]{2}){5})|[\da-f]{6}[:-]?[\da-f]{6}|[\da-f]{4}(?:\.[\da-f]{4}\.|-[\da-f]{4}-)[\da-f]{4})$/i;

export const macaddrRule: TypeRule = {
  trims: true,
  judge: (value) =>
    MAC.test(value) ? undefined : { code: 'not_an_address', params: { value, type: 'macaddr' } },
  write(bytes, start, end, out, at) {
    if (end - start > LONGEST) return DOUBT;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    if (!MAC.test(text)) return DOUBT;
    const digits = text.replace(/[:.-]/g, '');
    for (let place = 0; place < 6; place++)
      out.setUint8(at + place, Number.parseInt(digits.slice(2 * place, 2 * place + 2), 16));
    return at + 6;
  },
};
