/** From seconds to ratios. */

/** As the JSON names them: csvjobs' time as a share of the other's, or how many times as fast as the other it is. */
const RATIOS = {
  pipelineToRaw: ['pipeline', 'raw'],
  endToEndToRaw: ['endToEnd', 'raw'],
  oneLaneToRaw: ['oneLane', 'raw'],
  resumedToPipeline: ['resumed', 'pipeline'],
  pgloaderToRaw: ['pgloader', 'raw'],
  referenceToRaw: ['reference', 'raw'],
  toPgloader: ['pgloader', 'pipeline'],
  toReference: ['reference', 'pipeline'],
};

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** { kind: { pipelineToRaw, … } } from { kind: { contestant: seconds[] } }; what did not run is left out. */
export function ratiosOf(times) {
  return Object.fromEntries(
    Object.entries(times).map(([kind, byContestant]) => [
      kind,
      Object.fromEntries(
        Object.entries(RATIOS)
          .filter(([, [above, below]]) => byContestant[above] && byContestant[below])
          .map(([name, [above, below]]) => [
            name,
            round(median(byContestant[above]) / median(byContestant[below])),
          ]),
      ),
    ]),
  );
}

/** What --json prints. */
export function summary({ ratios, peakRssMiB, apiP99ToIdle }) {
  return {
    ratios,
    ...(peakRssMiB === undefined ? {} : { peakRssMiB: Math.round(peakRssMiB) }),
    ...(apiP99ToIdle === undefined ? {} : { apiP99ToIdle: round(apiP99ToIdle) }),
  };
}

/** A row for each file and contestant: median, all runs, and the ratio to RAW. As Markdown, for README.md. */
export function printTable({ times, peakRssMiB, apiP99ToIdle, ratios }, rows) {
  console.log(`${rows} records; seconds\n`);
  console.log('| file | | median | × RAW | runs |\n|---|---|---|---|---|');
  for (const [kind, byContestant] of Object.entries(times)) {
    const base = median(byContestant.raw);
    for (const [contestant, seconds] of Object.entries(byContestant)) {
      const middle = median(seconds);
      const all = seconds.map((value) => value.toFixed(1)).join(' ');
      console.log(
        `| ${kind} | ${contestant} | ${middle.toFixed(2)} | ${(middle / base).toFixed(2)} | ${all} |`,
      );
    }
  }
  for (const [kind, { toPgloader }] of Object.entries(ratios))
    if (toPgloader !== undefined) console.log(`\n${kind}: ${toPgloader} times as fast as pgloader`);
  if (peakRssMiB !== undefined) console.log(`\npeak memory of csvjobs: ${Math.round(peakRssMiB)} MiB`);
  if (apiP99ToIdle !== undefined)
    console.log(`\nAPI, 99th percentile while a job runs, against idle: ${apiP99ToIdle.toFixed(2)}`);
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}
