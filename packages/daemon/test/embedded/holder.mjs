// A process that starts the embedded servers with the built daemon's code and holds them until it is killed.
// Argument: the data folder. Says `{ "postgres": …, "redis": … }` or `{ "failure": code }` on one line.
import { startEmbedded } from '../../dist/embedded/embedded.js';

const log = { info() {}, warn() {} };
try {
  const embedded = await startEmbedded({
    dataDir: process.argv[2],
    want: { postgres: true, redis: true },
    log,
  });
  process.stdout.write(`${JSON.stringify(embedded)}\n`);
  setInterval(() => {}, 1000);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ failure: error.code })}\n`);
}
