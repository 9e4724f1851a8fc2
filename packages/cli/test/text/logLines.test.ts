/** A readable daemon log: from any chunks, without terminal control characters. */
import { expect, test } from 'vitest';
import { logLines } from '../../src/text/logLines.js';
import { paintWith } from '../../src/text/paint.js';

test('formats JSON lines from any chunks; other lines stay unchanged', () => {
  const time = new Date();
  const log = [
    JSON.stringify({
      level: 'info',
      time: time.toISOString(),
      pid: 1,
      hostname: 'h',
      port: 4000,
      msg: 'listening',
    }),
    JSON.stringify({
      level: 'error',
      time: time.toISOString(),
      err: { message: 'no \u001b[2J room' },
      msg: 'failed',
    }),
    'Error: \u001b[31mnot JSON',
    '{"level":"warn","msg":"cut',
  ].join('\n');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  const expected = [
    `${clock.join(':')} INFO  listening port=4000`,
    `${clock.join(':')} ERROR failed err=no ␛[2J room`,
    'Error: ␛[31mnot JSON',
    '{"level":"warn","msg":"cut',
  ].join('\n');
  for (const size of [1, 7, log.length]) {
    const { take, rest } = logLines(paintWith(false));
    let told = '';
    for (let at = 0; at < log.length; at += size) told += take(log.slice(at, at + size));
    expect(told + rest()).toBe(expected);
  }
});
