import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHART, drawChart, RECORDED } from '../../bench/chart.mjs';

test('the chart of the front page shows what the bench has recorded (node bench/chart.mjs draws it)', () => {
  expect(readFileSync(CHART, 'utf8')).toBe(drawChart(JSON.parse(readFileSync(RECORDED, 'utf8'))));
});
