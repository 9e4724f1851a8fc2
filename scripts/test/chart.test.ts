import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHART, drawChart, RECORDED } from '../../bench/chart.mjs';

test('the chart of the front page shows what the bench has recorded (node bench/chart.mjs draws it)', () => {
  expect(readFileSync(CHART, 'utf8')).toBe(drawChart(JSON.parse(readFileSync(RECORDED, 'utf8'))));
});

test('docs/performance.md has the ratios that the bench has recorded', () => {
  const { ratios } = JSON.parse(readFileSync(RECORDED, 'utf8')) as {
    ratios: Record<string, { pipelineToRaw: number; endToEndToRaw: number }>;
  };
  const rows = Object.entries(ratios).map(
    ([file, { pipelineToRaw, endToEndToRaw }]) =>
      `| ${file} | ${pipelineToRaw.toFixed(2)} | ${endToEndToRaw.toFixed(2)} |`,
  );
  const text = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
  const [, table = ''] = /<!-- recorded -->\n([\s\S]*?)<!-- \/recorded -->/.exec(text) ?? [];
  expect(table.trim().split('\n').slice(2)).toEqual(rows);
});
