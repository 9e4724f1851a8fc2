import { describe, expect, it } from 'vitest';
import { ZstdFrames } from '../../../src/pipeline/decode/zstdFrames.js';
import { CHUNK_SIZES, cut } from './chunks.js';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** The bytes of each complete frame, and those of an incomplete one. */
function framesOf(chunks: Iterable<Uint8Array>) {
  const frames = new ZstdFrames();
  const ended: string[] = [];
  let open = '';
  for (const chunk of chunks) {
    for (const { bytes, ends } of frames.cut(chunk)) {
      open += Buffer.from(bytes).toString('hex');
      if (ends) {
        ended.push(open);
        open = '';
      }
    }
  }
  expect(frames.atEnd).toBe(open === '');
  return { ended, open };
}

describe('ZstdFrames', () => {
  const cases: [string, Buffer][] = [
    ['with a window descriptor and a checksum', hex('28b52ffd 04 58 590000 6e616d652c656d61696c0a 01020304')],
    ['with its size in one byte', hex('28b52ffd 20 0b 590000 6e616d652c656d61696c0a')],
    ['with its size in two bytes', hex('28b52ffd 60 0000 090000 aa')],
    ['with its size in four bytes', hex('28b52ffd a0 00000000 090000 aa')],
    [
      'with its size in eight bytes and a dictionary of four',
      hex(`28b52ffd e3 01020304 ${'00'.repeat(8)} 090000 aa`),
    ],
    ['with several blocks, one of a repeated byte', hex('28b52ffd 00 58 100000 6161 020300 62 150000 cccc')],
    ['without content', hex('28b52ffd 20 00 010000')],
    ['that is skippable', hex('5a2a4d18 03000000 010203')],
    ['that is skippable and empty', hex('502a4d18 00000000')],
  ];

  it.each(cases)('finds the end of a frame %s', (_, frame) => {
    for (const size of CHUNK_SIZES) {
      const file = Buffer.concat([frame, frame]);
      expect(framesOf(cut(file, size))).toEqual({
        ended: [frame.toString('hex'), frame.toString('hex')],
        open: '',
      });
      for (let length = 1; length < frame.length; length++)
        expect(framesOf(cut(frame.subarray(0, length), size)).ended).toEqual([]);
    }
  });

  it('distinguishes frames of every kind', () => {
    const file = Buffer.concat(cases.map(([, frame]) => frame));
    const all = cases.map(([, frame]) => frame.toString('hex'));
    for (const size of CHUNK_SIZES) expect(framesOf(cut(file, size)).ended).toEqual(all);
  });

  it('passes invalid data on as a frame without an end', () => {
    const file = Buffer.from('no frame at all');
    for (const size of CHUNK_SIZES)
      expect(framesOf(cut(file, size))).toEqual({ ended: [], open: file.toString('hex') });
  });
});
