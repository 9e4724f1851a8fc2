/** From seconds to ratios. */

/** As the JSON names them: csvjobs' time as a share of the other's, or how many times as fast as the other it is. */
const RATIOS = {
  pipelineToRaw: ['pipeline', 'raw'],
  endToEndToRaw: ['endToEnd', 'raw'],
  oneLaneToRaw: ['oneLane', 'raw'],
  resumedToRest: ['resumed', 'rest'],
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
export function summary({ ratios, peakRssMiB, apiP99ToIdle, pages }) {
  return {
    ratios,
    ...(peakRssMiB === undefined ? {} : { peakRssMiB: Math.round(peakRssMiB) }),
    ...(apiP99ToIdle === undefined ? {} : { apiP99ToIdle: round(apiP99ToIdle) }),
    ...(pages === undefined
      ? {}
      : {
          pagesOfMany: Object.fromEntries(Object.entries(pages).map(([name, ratio]) => [name, round(ratio)])),
        }),
  };
}

/** A row for each file and contestant: median, all runs, and the ratio to RAW. As Markdown, for README.md. */
export function printTable({ times, peakRssMiB, apiP99ToIdle, ratios, pages }, rows) {
  if (Object.keys(times).length > 0) printTimes(times, rows);
  for (const [kind, { toPgloader }] of Object.entries(ratios))
    if (toPgloader !== undefined) console.log(`\n${kind}: ${toPgloader} times as fast as pgloader`);
  if (peakRssMiB !== undefined) console.log(`\npeak memory of csvjobs: ${Math.round(peakRssMiB)} MiB`);
  if (apiP99ToIdle !== undefined)
    console.log(`\nAPI, 99th percentile while a job runs, against idle: ${apiP99ToIdle.toFixed(2)}`);
  for (const [name, ratio] of Object.entries(pages ?? {}))
    console.log(`\na page of 100,000 jobs (${name}), against one of 100: ${ratio.toFixed(2)}`);
}

function printTimes(times, rows) {
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
}

function round(value) {
  return Math.round(value * 1000) / 1000;
}
