/** `csvjobs webhooks`, with the real program: in a pipe, on terminals of any width, as JSON, and its exit codes. */
import { OUTPUT_SCHEMAS } from '@csvjobs/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { Peer } from '../peer.js';
import { controls, csvjobs, plainText, startOnTerminal } from '../spawn.js';

const EVIL = 'evil\u001b]0;title\u0007\u009b31m\u202e';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
});
afterEach(() => peer.close());
const env = () => ({ CSVJOBS_URL: peer.url });
const run = (...args: string[]) => csvjobs(['webhooks', ...args], { env: env() });
const posts = () => peer.seen.filter(({ method }) => method === 'POST').map(({ url }) => url);

/** Two endpoints, one of them disabled, and deliveries in each state. */
function fill() {
  peer.webhooks.addEndpoint('chat', { disabledAt: new Date().toISOString(), failed: 3 });
  peer.webhooks.addEndpoint('erp', {
    events: ['job.completed', 'job.failed'],
    tables: 'sales.*,"a table with a long name".*',
    pending: 1,
    failed: 1,
  });
  const failed = peer.webhooks.add({ status: 'failed', attempts: 8, httpStatus: 500, error: 'answered 500' });
  const pending = peer.webhooks.add({
    status: 'pending',
    attempts: 2,
    nextAttemptAt: new Date(Date.now() + 290_000).toISOString(),
    httpStatus: null,
    error: `the connection was refused ${EVIL}`,
  });
  const delivered = peer.webhooks.add();
  return { failed, pending, delivered };
}

describe('list', () => {
  test('in a pipe complete, newest first, without escape sequences; hints on stderr', async () => {
    const { failed, pending, delivered } = fill();
    const { stdout, stderr, code } = await run('list');
    expect(code).toBe(0);
    expect(controls(stdout)).toEqual([]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ENDPOINT +SENDS TO +EVENTS +TABLES +PENDING +FAILED +STATE$/);
    expect(lines[1]).toMatch(/^chat +https:\/\/chat\.example\.com +all +all +0 +3 +disabled$/);
    expect(lines[2]).toMatch(/^erp +https:\/\/erp\.example\.com +completed,failed +sales.* +1 +1 +in use$/);
    expect(lines[3]).toBe('');
    expect(lines[4]).toMatch(/^ID +STATUS +EVENT +ENDPOINT +JOB +TRIES +AGE +NEXT +ANSWER$/);
    const row = (at: number) => lines[at]!.split(/ {2,}/);
    expect(row(5)).toEqual([
      delivered.id,
      'delivered',
      'job.completed',
      'erp',
      delivered.jobId,
      '1',
      '1m',
      '-',
      '204',
    ]);
    expect(row(6).slice(0, 2)).toEqual([pending.id, 'pending']);
    expect(row(6)[7]).toMatch(/^in 4m$/);
    expect(row(7).at(-1)).toBe('answered 500');
    expect(row(7)[0]).toBe(failed.id);
    expect(stderr).toContain('chat is disabled: it answered 410');
    expect(stderr).toContain('1 delivery failed. To send them again: csvjobs webhooks redeliver --failed');
  });

  test('an endpoint that no running daemon has is not in use, and nothing is sent to it next', async () => {
    const nextAttemptAt = new Date().toISOString();
    peer.webhooks.addEndpoint('erp');
    peer.webhooks.addEndpoint('gone', { configured: false, disabledAt: nextAttemptAt });
    for (const endpoint of ['erp', 'gone', 'forgotten'])
      peer.webhooks.add({ endpoint, status: 'pending', nextAttemptAt });
    const { stdout, stderr } = await run('list');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[1]).toMatch(/^erp .* in use$/);
    expect(lines[2]).toMatch(/^gone .* no daemon$/);
    const next = Object.fromEntries(
      lines
        .slice(5)
        .map((line) => line.split(/ {2,}/))
        .map((cells) => [cells[3], cells[7]]),
    );
    expect(next).toEqual({ erp: 'now', gone: '-', forgotten: '-' });
    expect(stderr).toBe(
      'No running daemon has gone in its configuration: nothing is sent to it until one has.\n',
    );
  });

  test('filters; --json and --quiet', async () => {
    const { failed, pending } = fill();
    expect((await run('list', '--status', 'failed', '--quiet')).stdout).toBe(`${failed.id}\n`);
    expect((await run('list', '--job', pending.jobId!, '--quiet')).stdout).toBe(`${pending.id}\n`);
    expect((await run('list', '--endpoint', 'chat', '--quiet')).stdout).toBe('');
    const { stdout } = await run('list', '--json', '--limit', '2');
    const listed = OUTPUT_SCHEMAS['webhooks-list']!.schema.parse(JSON.parse(stdout)) as { deliveries: [] };
    expect(listed.deliveries).toHaveLength(2);
    expect(await run('list', '--status', 'done')).toMatchObject({ code: 2 });
    expect(await run('list', '--limit', 'x')).toMatchObject({ code: 2 });
  });

  test('without endpoints or deliveries: advice', LONG, async () => {
    const none = await run('list');
    expect(none).toMatchObject({ code: 0, stdout: '' });
    expect(none.stderr).toContain('WEBHOOK_URL');
    peer.webhooks.addEndpoint('erp');
    expect((await run('list')).stderr).toContain('csvjobs webhooks test');
  });

  for (const columns of [40, 80, 120])
    test(
      `on a terminal of ${columns} columns every line fits and is harmless`,
      inShortIf(columns === 40),
      async () => {
        const { failed } = fill();
        const { stdout, code } = await startOnTerminal(['webhooks', 'list'], { env: env(), columns }).ended;
        expect(code).toBe(0);
        expect(stdout).not.toContain('\u001b]0;');
        const { default: width } = await import('string-width');
        const lines = plainText(stdout).trimEnd().split('\n');
        // The terminal wraps hints, so they can be copied.
        const shown = lines.slice(
          0,
          lines.findIndex((line) => line.includes('is disabled')),
        );
        for (const line of shown) expect(width(line), line).toBeLessThanOrEqual(columns);
        expect(plainText(stdout)).toContain(failed.id.slice(0, 8));
        expect(plainText(stdout)).toMatch(/chat .*disabled/);
        expect(plainText(stdout)).toMatch(/failed .*(answered 500|…)/);
      },
    );
});

describe('test', () => {
  test('0: delivered', async () => {
    peer.webhooks.addEndpoint('erp');
    expect(await run('test')).toMatchObject({ code: 0, stdout: 'erp: delivered (204)\n', stderr: '' });
    const { stdout } = await run('test', 'erp', '--json');
    expect(OUTPUT_SCHEMAS['webhooks-test']!.schema.parse(JSON.parse(stdout))).toMatchObject({ exitCode: 0 });
  });

  test('5: refused', async () => {
    peer.webhooks.addEndpoint('erp');
    peer.webhooks.tested = { status: 'failed', attempts: 1, httpStatus: 404, error: 'answered 404' };
    const { code, stdout, stderr } = await run('test');
    expect({ code, stdout }).toEqual({ code: 5, stdout: 'erp: not delivered: answered 404\n' });
    expect(stderr).toContain('csvjobs webhooks test erp');
    expect(await run('test', '--quiet')).toMatchObject({ code: 5, stderr: '' });
  });

  test('8: no daemon has sent it yet', async () => {
    peer.webhooks.addEndpoint('erp');
    peer.webhooks.tested = { status: 'pending', attempts: 0, lastAttemptAt: null };
    const { code, stdout, stderr } = await run('test');
    expect({ code, stdout }).toEqual({ code: 8, stdout: 'erp: not sent yet\n' });
    expect(stderr).toContain('csvjobs webhooks list --endpoint erp');
  });

  test('2: unknown endpoint', LONG, async () => {
    const { code, stdout, stderr } = await run('test', 'x');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('WEBHOOK_URL');
    expect(stderr).toContain('csvjobs webhooks list');
  });
});

describe('redeliver', () => {
  test('by ID or prefix, or all that failed', async () => {
    const { failed, delivered } = fill();
    const one = await run('redeliver', delivered.id.slice(0, 8), failed.id);
    expect(one).toMatchObject({ code: 0, stdout: `${delivered.id}\n${failed.id}\n` });
    expect(one.stderr).toContain('csvjobs webhooks list');
    failed.status = 'failed';
    const { stdout } = await run('redeliver', '--failed', '--endpoint', 'erp', '--json');
    const again = OUTPUT_SCHEMAS['webhooks-redeliver']!.schema.parse(JSON.parse(stdout));
    expect(again).toMatchObject({ deliveries: [{ id: failed.id, status: 'pending' }] });
    expect((await run('redeliver', '--failed')).stderr).toBe('No failed deliveries.\n');
  });

  test('promises nothing for an endpoint that no running daemon has', LONG, async () => {
    peer.webhooks.addEndpoint('erp');
    peer.webhooks.addEndpoint('gone', { configured: false });
    const gone = peer.webhooks.add({ endpoint: 'gone' });
    const erp = peer.webhooks.add({ endpoint: 'erp' });
    const without = 'No running daemon has gone in its configuration: nothing is sent to it until one has.\n';
    expect(await run('redeliver', gone.id)).toMatchObject({
      code: 0,
      stdout: `${gone.id}\n`,
      stderr: without,
    });
    expect((await run('redeliver', gone.id, erp.id)).stderr).toBe(
      `${without}The others are sent shortly. To see the result: csvjobs webhooks list\n`,
    );
    expect((await run('redeliver', erp.id)).stderr).toMatch(/^It is sent shortly\./);
  });

  for (const [args, says] of [
    [[], /No deliveries given/],
    [['7c1f2c39', '--failed'], /cannot be used together/],
    [['7c1f2c39', '--endpoint', 'erp'], /--endpoint needs --failed/],
    [['7c1f2c39'], /No delivery has an ID that begins with "7c1f2c39"/],
  ] as [string[], RegExp][])
    test(`${JSON.stringify(args)}: exit 2, nothing is redelivered`, inShortIf(args.length > 1), async () => {
      const { code, stdout, stderr } = await run('redeliver', ...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(says);
      expect(stderr).toMatch(/csvjobs webhooks (redeliver --failed|list)/);
      expect(posts()).toEqual([]);
    });

  test('an ambiguous prefix matches none', async () => {
    peer.webhooks.add({ id: '7c1f2c39-5f0f-4b5e-9a55-6f1f0d8f3a21' });
    peer.webhooks.add({ id: '7c1f2c39-5f0f-4b5e-9a55-6f1f0d8f3a22' });
    expect(await run('redeliver', '7c1f2c39')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The IDs of 2 deliveries begin with "7c1f2c39"'),
    });
  });
});

test('a token without admin scope is refused', async () => {
  peer.token = 'needed';
  expect(await run('list')).toMatchObject({ code: 4, stdout: '' });
});

test('completes endpoints, states and finished deliveries', async () => {
  const { failed, pending, delivered } = fill();
  const suggested = async (...words: string[]) =>
    (
      await csvjobs(['__complete', 'fish', '--', 'webhooks', ...words], {
        env: { ...env(), CSVJOBS_COMPLETE_TIMEOUT: '60s' },
      })
    ).stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0]);
  expect(await suggested('test', '')).toEqual(['chat', 'erp']);
  expect(await suggested('list', '--endpoint', 'e')).toEqual(['erp']);
  expect(await suggested('list', '--status', '')).toEqual(['pending', 'delivered', 'failed']);
  expect(await suggested('redeliver', '')).toEqual([delivered.id, failed.id]);
  expect(await suggested('redeliver', delivered.id, '')).toEqual([failed.id]);
  expect(pending.status).toBe('pending');
});
