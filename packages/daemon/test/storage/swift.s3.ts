/** The stores' suite on a real S3 server: `npm run test:s3`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBucket } from '../../src/storage/s3/bucket.js';
import { multipartOf } from '../../src/storage/s3/multipart.js';
import { type Objects, objectsOf } from '../../src/storage/s3/objects.js';
import { hasSwift, NO_SWIFT, SWIFT_CREDENTIALS, type Swift, startSwift } from '../support/s3/swift.js';
import { behavesAsAStore } from './behaviour.js';
import { s3Place } from './places.js';

const BUCKET = 'uploads';

if (!hasSwift) {
  process.stderr.write(`${NO_SWIFT}\n`);
  test.skip(NO_SWIFT, () => {});
} else {
  let swift: Swift;
  let objects: Objects;
  beforeAll(async () => {
    Object.assign(process.env, SWIFT_CREDENTIALS);
    swift = await startSwift();
    objects = objectsOf(await openBucket({ bucket: BUCKET, prefix: '', endpoint: swift.url }), {});
    await objects.bucket.client.send(new objects.bucket.sdk.CreateBucketCommand({ Bucket: BUCKET }));
  }, 600_000);
  afterAll(() => swift?.close());

  behavesAsAStore('S3, by OpenStack Swift', () =>
    s3Place(swift.url, BUCKET, {
      large: true,
      keys: async () => {
        const { sdk, client } = objects.bucket;
        const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket: BUCKET }));
        const unfinished = await multipartOf(objects).unfinished('');
        return [...Contents.map(({ Key }) => Key!), ...unfinished.map(({ key }) => key)];
      },
      put: async (key, bytes) => void (await objects.put(key, bytes)),
    }),
  );

  test('a wrong bucket and wrong credentials have their own messages', async () => {
    const wrong = objectsOf(await openBucket({ bucket: 'another', prefix: '', endpoint: swift.url }), {});
    await expect(wrong.put('a', new Uint8Array())).rejects.toMatchObject({ message: /wrong bucket/ });
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong';
    const refused = objectsOf(await openBucket({ bucket: BUCKET, prefix: '', endpoint: swift.url }), {});
    // The SDK looks for credentials at the first request.
    await expect(refused.put('a', new Uint8Array())).rejects.toMatchObject({
      message: /credentials refused/,
    });
    Object.assign(process.env, SWIFT_CREDENTIALS);
  });
}
