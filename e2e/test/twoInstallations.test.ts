/** Two installations with one Redis and one QUEUE_PREFIX: the second one does not start while the first one runs. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { createDatabase } from '../../packages/daemon/test/support/postgres.js';
import { openPlace } from '../support/place.js';

test(
  'daemons of another database are refused, start with a prefix of their own, and take the prefix once it is free',
  LONG,
  async () => {
    // Dropped last, when its daemon has ended.
    const other = await createDatabase();
    onTestFinished(() => other.drop());
    // A copy of the tests' template, which has the identity of all of them.
    await other.pool.query('update database_identity set id = gen_random_uuid()');
    const place = await openPlace();
    onTestFinished(() => place.close());
    const first = await place.start();
    const prefix = place.redis.prefix;
    const folder = join(place.folder, 'second');
    const second = {
      DB_NAME: other.connection.database!,
      DATA_DIR: folder,
      UPLOAD_DIR: join(folder, 'uploads'),
    };
    await expect(place.start(second)).rejects.toThrow(
      new RegExp(
        `ended with 2:[^]*uses the same Redis with QUEUE_PREFIX=${prefix}: [^]*QUEUE_PREFIX=${prefix}-2 csvjobsd`,
      ),
    );
    const worker = await place.start({ DATA_DIR: join(place.folder, 'worker') }, '--role', 'worker');
    const apart = await place.start({ ...second, QUEUE_PREFIX: `${prefix}-2` });
    await apart.stop();

    // While one daemon of the first database runs, the prefix is taken.
    await first.stop();
    await expect(place.start(second)).rejects.toThrow(/ended with 2:/);
    await worker.stop();
    await place.start(second);
  },
);
