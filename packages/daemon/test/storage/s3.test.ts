import { createHash } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { BUCKET, CREDENTIALS, type Imitation, startImitation } from '../support/s3/imitation.js';
import { behavesAsAStore } from './behaviour.js';
import { s3Place } from './places.js';

let server: Imitation;
beforeAll(async () => {
  Object.assign(process.env, CREDENTIALS);
  server = await startImitation();
});
afterAll(() => server.close());

behavesAsAStore('S3, imitated', () =>
  s3Place(server.url, BUCKET, {
    // It allows one of several writers.
    settleMs: 0,
    // It is in memory.
    large: false,
    keys: async () => [...server.objects.keys(), ...[...server.uploads.values()].map(({ key }) => key)],
    async put(key, body) {
      const etag = `"${createHash('md5').update(body).digest('hex')}"`;
      server.objects.set(key, { ...server.objects.get(key)!, body: Buffer.from(body), etag });
    },
  }),
);
