// The chart of the front page, from what `npm run bench -- --json` has measured: `node bench/chart.mjs` draws
// docs/recordings/speed.svg from bench/recorded.json, and a test compares the two.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
export const RECORDED = at('recorded.json');
export const CHART = at('../docs/recordings/speed.svg');

/** What each bar is called; the values are shares of RAW's time. */
const BARS = [
  ['psql \\copy', () => 1],
  ['csvjobs: clean file', ({ clean }) => clean.endToEndToRaw],
  ['csvjobs: 5 % bad or repeated', ({ dirty }) => dirty.endToEndToRaw],
  ['csvjobs: 20 % repeated', ({ dup20 }) => dup20.endToEndToRaw],
  ['csvjobs: 300 quoted bytes a record', ({ wide }) => wide.endToEndToRaw],
];
const SIZE = { width: 740, row: 30, label: 265, bar: 380, top: 44 };

/** @param recorded what bench/recorded.json holds */
export function drawChart({ ratios, machine, date }) {
  const height = SIZE.top + BARS.length * SIZE.row + 34;
  const bars = BARS.map(([label, value], row) => {
    const share = value(ratios);
    const y = SIZE.top + row * SIZE.row;
    const length = Math.round(share * SIZE.bar);
    return `<text x="${SIZE.label - 10}" y="${y + 16}" text-anchor="end">${label}</text>
<rect x="${SIZE.label}" y="${y}" width="${length}" height="22" rx="3" class="${row === 0 ? 'other' : 'own'}"/>
<text x="${SIZE.label + length + 8}" y="${y + 16}">${share.toFixed(2)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${height}" width="${SIZE.width}" height="${height}" role="img">
<title>Time to load a million customers, as a share of psql \\copy into the same table</title>
<style>
text{font:14px system-ui,sans-serif;fill:#1f2328}.note{font-size:12px;fill:#59636e}.own{fill:#1a7f37}.other{fill:#8c959f}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9198a1}.own{fill:#3fb950}}
</style>
<text x="0" y="18">Time to load 1,000,000 customers, from the command to its exit; psql \\copy = 1</text>
${bars.join('\n')}
<text x="0" y="${height - 8}" class="note">${machine}; ${date}</text>
</svg>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(CHART, drawChart(JSON.parse(readFileSync(RECORDED, 'utf8'))));
