/** Where Redis is, from its URL. */
import type { RedisOptions } from 'ioredis';

/**
 * Reads `redis://`, `rediss://` (TLS) or `unix:///path/of/socket`, each with `user:password@` before the host
 * (`localhost` for a socket) and the database as path or, for a socket, as `?db=`; percent-encoded as in RFC
 * 3986.
 * @throws {TypeError} for an invalid URL; {URIError} for an invalid percent sequence; {RangeError} for a
 * database that is not a number. None of them quotes the URL.
 */
export function redisAddress(text: string): RedisOptions {
  const url = new URL(text);
  const isSocket = url.protocol === 'unix:';
  const db = url.searchParams.get('db') ?? (isSocket ? '' : url.pathname.slice(1));
  if (!/^\d{0,5}$/.test(db)) throw new RangeError('the database of Redis must be a number');
  const login = {
    ...(db !== '' && { db: Number(db) }),
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
  };
  if (isSocket) return { path: decodeURIComponent(url.pathname), ...login };
  return {
    // An IPv6 address has brackets only in a URL.
    host: decodeURIComponent(url.hostname.replace(/^\[(.+)\]$/, '$1')),
    port: Number(url.port || 6379),
    ...login,
    ...(url.protocol === 'rediss:' && { tls: {} }),
  };
}
