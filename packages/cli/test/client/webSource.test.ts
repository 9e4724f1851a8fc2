/** `csvjobs upload https://…`: exactly the bytes of one version of the file, or an error with the reason. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request as proxied } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { Peer } from '../peer.js';
import { csvFile, csvjobs, folder } from '../spawn.js';
import { WebServer } from './webServer.js';

const content = Buffer.from(
  `name,email,company\n${Array.from({ length: 100_000 }, (_, n) => `N ${n},n${n}@example.org,ACME\n`).join('')}`,
);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let peer: Peer;
let web: WebServer;
beforeEach(async () => {
  [peer, web] = await Promise.all([new Peer().listen(), new WebServer(content).listen()]);
});
afterEach(() => Promise.all([peer.close(), web.close()]));

const upload = (address: string, ...args: string[]) =>
  csvjobs(['upload', address, ...args], { env: { CSVJOBS_URL: peer.url, no_proxy: '127.0.0.1' } });
const whole = { bytes: content.length, sha256: sha256(content) };
/** Requests for the rest after a byte. */
const resumed = () => web.asked.filter(({ headers }) => /^bytes=[1-9]/.test(headers.range ?? ''));

test('arrives unchanged, with its length, named after its path', async () => {
  const { code, stdout, stderr } = await upload(
    web.at('/exports/customers%20of%20May.csv?sign=secret-1'),
    '--watch',
  );
  expect(code, stderr).toBe(0);
  expect(stdout.trim()).toBe([...peer.jobs.keys()][0]);
  expect(peer.uploads).toMatchObject([{ ...whole, filename: 'customers of May.csv' }]);
  expect(Number(peer.uploads[0]?.contentLength)).toBeGreaterThan(content.length);
  for (const { headers } of web.asked) expect(headers['accept-encoding']).toBe('identity');
});

test('with files and stdin, all are checked before the first is sent', LONG, async () => {
  const env = { CSVJOBS_URL: peer.url };
  const { code, stderr } = await csvjobs(
    ['upload', csvFile('a.csv'), web.at('/b.csv'), web.at('/missing.csv')],
    {
      env: { ...env, no_proxy: '*' },
    },
  );
  expect(code, stderr).toBe(0);
  expect(peer.uploads.map(({ filename }) => filename)).toEqual(['a.csv', 'b.csv', 'missing.csv']);
  web.fault = (request, response) => {
    if (!request.url?.includes('missing')) return false;
    response.writeHead(404).end();
    return true;
  };
  const before = peer.uploads.length;
  const refused = await csvjobs(['upload', csvFile('a.csv'), web.at('/missing.csv')], { env });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('there is no such file (404)');
  expect(peer.uploads).toHaveLength(before);
});

describe('a broken connection', () => {
  for (const [name, validators] of [
    ['ETag', { etag: '"v1"', changed: undefined }],
    ['Last-Modified', { etag: undefined, changed: 'Mon, 02 Nov 2026 08:00:00 GMT' }],
  ] as const)
    test(`resumes with Range, pinned to the version by ${name}`, inShortIf(name === 'ETag'), async () => {
      Object.assign(web, validators);
      web.breaks = [70_000, 1, 2_000_000];
      expect(await upload(web.at('/a.csv'))).toMatchObject({ code: 0 });
      expect(peer.uploads).toMatchObject([whole]);
      expect(resumed().length).toBe(3);
      for (const { headers } of resumed())
        expect(headers['if-range']).toBe(validators.etag ?? validators.changed);
    });

  test('resumes without ranges, and without a length', LONG, async () => {
    web.ranges = false;
    web.breaks = [70_000];
    expect(await upload(web.at('/a.csv'))).toMatchObject({ code: 0 });
    web.length = false;
    web.breaks = [100_000];
    expect(await upload(web.at('/b.csv'))).toMatchObject({ code: 0 });
    expect(peer.uploads).toMatchObject([whole, { ...whole, contentLength: undefined }]);
  });

  test('without a validator is an error with that reason, and the daemon keeps nothing', async () => {
    web.etag = undefined;
    web.breaks = [1_000_000];
    const { code, stderr } = await upload(web.at('/a.csv'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/broke after \d+ bytes/);
    expect(stderr).toContain('neither a strong ETag nor a Last-Modified');
    expect(stderr).toContain('curl --fail');
    expect(peer.uploads).toEqual([]);
    expect(peer.jobs.size).toBe(0);
  });

  test('a weak ETag is ignored: the bytes may differ', async () => {
    web.etag = 'W/"v1"';
    web.breaks = [1_000_000];
    expect((await upload(web.at('/a.csv'))).stderr).toContain('cannot be resumed');
  });

  // The short form has the first.
  const REPEATED = [
    ['in the first bytes', 10, true, true],
    ['at the same byte each time, without ranges', 1_000_000, false, true],
    ['at the same byte each time, without ranges and length', 1_000_000, false, false],
    ['before the first byte', 0, true, true],
  ] as const;
  for (const [where, at, ranges, length] of REPEATED)
    test(`that repeats ${where} is given up as broken`, inShortIf(at === 10), async () => {
      web.breaks = Array.from({ length: 50 }, () => at);
      Object.assign(web, { ranges, length });
      const { code, stderr } = await upload(web.at('/a.csv'), '--json');
      expect(code).toBe(2);
      const { error } = JSON.parse(stderr.trim().split('\n').at(-1)!);
      expect(error).toMatchObject({
        code: 'source_broken',
        message: expect.stringMatching(/^The connection to \S+ broke after \d+ bytes, again and again$/),
        next: expect.stringMatching(/^try again later/),
      });
      expect(web.asked.length).toBeLessThan(12);
      expect(peer.jobs.size).toBe(0);
    });

  for (const [name, ranges] of [
    ['ranges', true],
    ['none', false],
  ] as const)
    test(`a file that changed is not joined to the first part (${name})`, inShortIf(ranges), async () => {
      web.ranges = ranges;
      web.breaks = [1_000_000];
      web.fault = (request) => {
        if (request.headers['if-range'] === undefined) return false;
        web.etag = '"v2"';
        web.content = Buffer.alloc(content.length, 'x');
        return false;
      };
      const { code, stderr } = await upload(web.at('/a.csv'));
      expect(code).toBe(2);
      expect(stderr).toContain('changed while it was read');
      expect(peer.jobs.size).toBe(0);
    });
});

for (const by of [-1, 1])
  test(`a length wrong by ${by} is an error`, inShortIf(by === -1), async () => {
    web.fault = (request, response) => {
      if (request.headers.range === 'bytes=0-0') {
        const total = content.length + by;
        response
          .writeHead(206, { etag: '"v1"', 'content-range': `bytes 0-0/${total}`, 'content-length': 1 })
          .end('n');
        return true;
      }
      response.writeHead(200, { etag: '"v1"' });
      response.end(content);
      return true;
    };
    const { code, stderr } = await upload(web.at('/a.csv'), '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!).error).toMatchObject({
      code: 'source_changed',
      next: 'wait until the file is complete, then upload it again',
    });
    expect(peer.jobs.size).toBe(0);
  });

test('a busy server is asked again; if it stays busy, the error names it', async () => {
  let busy = 2;
  web.fault = (_, response) => {
    if (busy-- <= 0) return false;
    response.writeHead(503, { 'retry-after': '0' }).end();
    return true;
  };
  expect(await upload(web.at('/a.csv'))).toMatchObject({ code: 0 });
  busy = Number.POSITIVE_INFINITY;
  expect((await upload(web.at('/a.csv'))).stderr).toContain('the server answers 503');
});

test('an empty file and a dead address are refused before anything is sent', async () => {
  web.content = Buffer.alloc(0);
  expect((await upload(web.at('/a.csv'))).stderr).toContain('/a.csv is empty');
  const { port } = web;
  await web.close();
  const { code, stderr } = await upload(`http://127.0.0.1:${port}/a.csv`);
  expect([code, stderr]).toEqual([2, expect.stringContaining('nothing listens there')]);
  web = await new WebServer(content).listen();
  expect(peer.uploads).toEqual([]);
});

describe('the name', () => {
  for (const [disposition, name] of [
    ['attachment; filename="May, final.csv"', 'May, final.csv'],
    ['attachment; filename="x.csv"; filename*=UTF-8\'\'K%C3%A4ufe.csv', 'Käufe.csv'],
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    ['attachment; filename=C:\\\\exports\\\\a.csv', 'a.csv'],
    ['inline', 'export.csv'],
  ] as [string, string][])
    test(
      `from Content-Disposition: ${disposition}`,
      inShortIf(/UTF-8|passwd/.test(disposition)),
      async () => {
        web.headers = { 'content-disposition': disposition };
        expect(await upload(web.at('/export.csv'))).toMatchObject({ code: 0 });
        expect(peer.uploads).toMatchObject([{ filename: name }]);
      },
    );

  test('gzip stays gzip, even if sent as a content encoding', async () => {
    // Not compressed, because the peer reads it.
    web.content = gzipSync(content, { level: 0 });
    web.headers = { 'content-encoding': 'gzip' };
    const { code, stderr } = await upload(web.at('/a.csv.gz'));
    expect(code, stderr).toBe(0);
    expect(peer.uploads).toMatchObject([{ filename: 'a.csv.gz', sha256: sha256(web.content) }]);
  });
});

describe('secrets', () => {
  test('user, password and query are sent, and shown nowhere', async () => {
    const address = web.at('/a.csv?sign=secret-1').replace('http://', 'http://ada:secret-2%40x@');
    const done = await upload(address, '--watch', '--json', '--verbose');
    expect(done.code, done.stderr).toBe(0);
    expect(web.asked.map(({ headers, url }) => [headers.authorization, url])).toEqual(
      web.asked.map(() => [
        `Basic ${Buffer.from('ada:secret-2@x').toString('base64')}`,
        '/a.csv?sign=secret-1',
      ]),
    );
    web.fault = (_, response) => {
      response.writeHead(403).end();
      return true;
    };
    const refused = await upload(address, '--verbose');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('/a.csv?… cannot be read');
    const checked = await csvjobs(['check', address, csvFile()]);
    expect(checked).toMatchObject({ code: 2, stderr: expect.stringContaining('| csvjobs <command> -') });
    const said = [done, refused, checked].map(({ stdout, stderr }) => stdout + stderr).join();
    expect(said).not.toMatch(/secret|ada:/);
    expect(JSON.stringify(peer.uploads)).not.toMatch(/secret|ada:/);
  });

  test('are not sent to another server after a redirect', async () => {
    const other = await new WebServer(content).listen();
    onTestFinished(() => other.close());
    web.fault = (_, response) => {
      response.writeHead(302, { location: other.at('/b.csv') }).end();
      return true;
    };
    expect(await upload(web.at('/a.csv').replace('http://', 'http://ada:secret-2@'))).toMatchObject({
      code: 0,
    });
    expect(web.asked.every(({ headers }) => headers.authorization !== undefined)).toBe(true);
    expect(other.asked.length).toBeGreaterThan(1);
    for (const { headers } of other.asked) expect(headers.authorization).toBeUndefined();
    expect(peer.uploads).toMatchObject([{ ...whole, filename: 'b.csv' }]);
  });
});

test('a preview of an object in a bucket explains how to sign its address', async () => {
  const { code, stderr } = await csvjobs(['preview', "s3://exports/it's may.csv"], {
    env: { CSVJOBS_URL: peer.url },
  });
  expect(code).toBe(2);
  expect(stderr).toContain(`csvjobs preview "$(aws s3 presign 's3://exports/it'\\''s may.csv')"`);
});

describe('redirects', () => {
  test('follows five, but not six', async () => {
    web.fault = (request, response) => {
      const [, left] = /^\/hop(\d+)$/.exec(request.url ?? '') ?? [];
      if (left === undefined || left === '0') return false;
      response.writeHead(302, { location: `/hop${Number(left) - 1}` }).end();
      return true;
    };
    expect(await upload(web.at('/hop5'))).toMatchObject({ code: 0 });
    const { code, stderr } = await upload(web.at('/hop6'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('more than 5 redirects')]);
  });

  test('refuses one from https to http; https itself works', async () => {
    const place = folder();
    execFileSync('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', join(place, 'key.pem'), '-out', join(place, 'cert.pem')],
    ]);
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(place, name)));
    const secure = await new WebServer(content, createTlsServer({ key: key!, cert: cert! })).listen();
    onTestFinished(() => secure.close());
    const address = `https://127.0.0.1:${secure.port}/a.csv`;
    const env = { CSVJOBS_URL: peer.url, NODE_EXTRA_CA_CERTS: join(place, 'cert.pem') };
    expect(await csvjobs(['upload', address], { env })).toMatchObject({ code: 0 });
    expect(peer.uploads).toMatchObject([whole]);
    const untrusted = await upload(address);
    expect([untrusted.code, untrusted.stderr]).toEqual([
      2,
      expect.stringContaining('the secure connection failed'),
    ]);
    secure.fault = (_, response) => {
      response.writeHead(301, { location: web.at('/b.csv') }).end();
      return true;
    };
    const refused = await csvjobs(['upload', address], { env });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('from https to')]);
    expect(web.asked).toEqual([]);
  });
});

test('uses the proxy of the environment, except for NO_PROXY', async () => {
  const through: string[] = [];
  const proxy = createServer((request, response) => {
    through.push(`GET ${request.url}`);
    request.pipe(
      proxied(request.url ?? '', { headers: request.headers }, (answer) =>
        answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)),
      ),
    );
  });
  proxy.on('connect', (request, socket) => {
    through.push(`CONNECT ${request.url}`);
    const [host, port] = (request.url ?? '').split(':');
    const up = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      up.pipe(socket).pipe(up);
    });
    for (const side of [up, socket]) side.on('error', () => {});
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  const env = {
    CSVJOBS_URL: peer.url,
    http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  };
  expect(await csvjobs(['upload', web.at('/a.csv')], { env })).toMatchObject({ code: 0 });
  expect(through.join()).toContain(`127.0.0.1:${web.port}`);
  through.length = 0;
  expect(
    await csvjobs(['upload', web.at('/a.csv')], { env: { ...env, NO_PROXY: '127.0.0.1' } }),
  ).toMatchObject({ code: 0 });
  expect(through).toEqual([]);
  expect(peer.uploads).toMatchObject([whole, whole]);
});

test('the upload restarts if the daemon breaks the connection, and creates one job', LONG, async () => {
  let broken = 0;
  peer.fault = (request) => {
    if (request.method !== 'POST' || broken === 1) return false;
    broken += 1;
    request.once('data', () => request.socket.destroy());
    return true;
  };
  expect(await upload(web.at('/a.csv'))).toMatchObject({ code: 0 });
  expect(peer.uploads).toMatchObject([whole]);
  expect(peer.jobs.size).toBe(1);
});
