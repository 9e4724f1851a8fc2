import { createGunzip, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ZlibPump } from '../../../src/pipeline/decode/zlibPump.js';
import { collect } from './chunks.js';

describe('ZlibPump', () => {
  it('reports how many bytes follow the end of the format', async () => {
    const member = gzipSync('text');
    const pump = new ZlibPump(createGunzip());
    expect((await collect(pump.write(Buffer.concat([member, Buffer.alloc(5)])))).toString()).toBe('text');
    expect({ ended: pump.ended, unread: pump.unread }).toEqual({ ended: true, unread: 5 });
    pump.close();
  });

  it('is not at its end between two members', async () => {
    const member = gzipSync('text');
    const pump = new ZlibPump(createGunzip());
    expect((await collect(pump.write(member))).toString()).toBe('text');
    expect(pump.ended).toBe(false);
    expect((await collect(pump.write(member))).toString()).toBe('text');
    await collect(pump.end());
    expect(pump.ended).toBe(true);
    pump.close();
  });

  it('frees the engine on close, even in the middle of a chunk', async () => {
    const stream = createGunzip({ chunkSize: 64 * 1024 });
    const pump = new ZlibPump(stream);
    for await (const _ of pump.write(gzipSync(Buffer.alloc(10_000_000)))) break;
    expect(stream.readableEnded).toBe(false);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    pump.close();
    await closed;
    expect(stream.destroyed).toBe(true);
  });
});
