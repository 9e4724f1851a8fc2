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
    .describe('Redis as one URL (redis:, rediss: or unix:///path/of/socket); goes before REDIS_HOST'),
  REDIS_HOST: text.optional().describe('Redis host; without it and REDIS_URL a private server is run'),
  REDIS_PORT: port.default(6379).describe('Redis port'),
  REDIS_TLS_CA: text
    .optional()
    .describe('File of the authorities that are trusted with rediss: (PEM); by default the public ones'),
  REDIS_TLS_CERT: text.optional().describe('File of the client certificate for rediss: (PEM)'),
  REDIS_TLS_KEY: text.optional().describe('File of its key (PEM)'),
  REDIS_SENTINELS: text
    .optional()
    .describe(
      'Sentinels that know where Redis is, as in `sentinel1:26379,sentinel2:26379`; REDIS_URL then says the user, password, database and TLS (rediss:), and its host counts for nothing',
    ),
  REDIS_SENTINEL_NAME: text.optional().describe('The name by which they know it'),
  REDIS_SENTINEL_USERNAME: text.optional().describe('User at the sentinels'),
  REDIS_SENTINEL_PASSWORD: text.optional().describe('Password at the sentinels; secret'),
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
