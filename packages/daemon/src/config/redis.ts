/** How to reach Redis. */
import { z } from 'zod';
import { redisAddress } from '../redis/address.js';
import { isWellEncoded, PERCENT, port, text } from './kinds.js';

export const REDIS = {
  REDIS_URL: z
    .url({ protocol: /^(rediss?|unix)$/ })
    .refine(isWellEncoded, PERCENT)
    .refine(isRedisAddress, 'must end with the number of a database, or with none')
    .optional()
    .describe('Redis as a URL (redis:, rediss: or unix:///path/of/socket); overrides REDIS_HOST'),
  REDIS_HOST: text
    .optional()
    .describe('Redis host; without it and REDIS_URL, the daemon runs a private server'),
  REDIS_PORT: port.default(6379).describe('Redis port'),
  REDIS_TLS_CA: text
    .optional()
    .describe('File of the certificate authorities trusted for rediss: (PEM); by default the public ones'),
  REDIS_TLS_CERT: text.optional().describe('File of the client certificate for rediss: (PEM)'),
  REDIS_TLS_KEY: text.optional().describe('File of its key (PEM)'),
  REDIS_SENTINELS: text
    .optional()
    .describe(
      'Addresses of the sentinels, such as `sentinel1:26379,sentinel2:26379`; REDIS_URL then sets only user, password, database and TLS (rediss:), and its host is ignored',
    ),
  REDIS_SENTINEL_NAME: text.optional().describe('Name of the Redis primary at the sentinels'),
  REDIS_SENTINEL_USERNAME: text.optional().describe('User name for the sentinels'),
  REDIS_SENTINEL_PASSWORD: text.optional().describe('Password for the sentinels; secret'),
  QUEUE_PREFIX: text.default('csvjobs').describe('Prefix of all keys and channels in Redis'),
};

function isRedisAddress(url: string): boolean {
  try {
    redisAddress(url);
    return true;
  } catch {
    // An invalid or badly encoded URL gets its own message.
    return !URL.canParse(url) || !isWellEncoded(url);
  }
}
