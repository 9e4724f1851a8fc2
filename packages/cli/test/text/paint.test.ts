import { expect, test } from 'vitest';
import { type Paint, paintWith } from '../../src/text/paint.js';

/** Relative luminance (WCAG 2.2) of one of the 256 colours, in the cube of 6 × 6 × 6 (xterm). */
function luminanceOf(color: number): number {
  const levels = [0, 95, 135, 175, 215, 255];
  const [red = 0, green = 0, blue = 0] = [36, 6, 1].map((step) => {
    const level = levels[Math.floor((color - 16) / step) % 6]! / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test.each(['red', 'green', 'yellow', 'cyan'] as (keyof Paint)[])(
  '%s is readable on white and on black',
  (name) => {
    const color = Number(/38;5;(\d+)m/.exec(paintWith(true, true)[name]('x'))?.[1]);
    const luminance = luminanceOf(color);
    expect(1.05 / (luminance + 0.05)).toBeGreaterThan(3.8);
    expect((luminance + 0.05) / 0.05).toBeGreaterThan(3.8);
  },
);
