// A program in the daemon's place: listens at API_HOST:API_PORT, answers /readyz, ends on SIGTERM.
// FAKE_DAEMON=refuse ends at once with a word; =slow is not ready at its first answers,
// =guarded makes a token and asks for it, as a first start does;
// =first, =later and =killed not for four seconds, at a first start, at another, and at one that recovers its database.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

if (process.env.FAKE_DAEMON === 'refuse') {
  process.stderr.write('DATA_DIR is locked by another daemon\n');
  process.exit(1);
}
const long = ['first', 'later', 'killed'].includes(process.env.FAKE_DAEMON);
if (process.env.FAKE_DAEMON === 'first')
  process.stdout.write('setting up the private database: this is the first start with this data folder\n');
if (process.env.FAKE_DAEMON === 'killed')
  process.stdout.write(
    'the private database was not shut down, so it recovers from its log first; that may take a while\n',
  );
const guard = process.env.FAKE_DAEMON === 'guarded' ? 'csvj_'.padEnd(48, 'x') : undefined;
if (guard) writeFileSync(join(process.env.DATA_DIR, 'token'), `${guard}\n`, { mode: 0o600 });
const started = performance.now();
let notReady = process.env.FAKE_DAEMON === 'slow' ? 3 : 0;
const server = createServer(({ url, headers }, response) => {
  if (guard && url.startsWith('/api/') && headers.authorization !== `Bearer ${guard}`) {
    response.writeHead(401, { 'content-type': 'application/json' });
    return response.end('{}');
  }
  if (url.startsWith('/api/jobs')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end('[]');
  }
  const ready = notReady === 0 && !(long && performance.now() - started < 4_000);
  notReady = Math.max(0, notReady - 1);
  response.writeHead(ready ? 200 : 503, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ ready, version: '9.9.9', checks: { postgresql: { ok: ready, message: '18.4' } } }),
  );
});
server.listen(Number(process.env.API_PORT), process.env.API_HOST, () =>
  process.stdout.write('line 1\nline 2\nlistening\n'),
);
process.on('SIGTERM', () => {
  process.stdout.write('draining\n');
  server.close();
  server.closeAllConnections();
});
