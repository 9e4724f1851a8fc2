/** From seconds to ratios. */

/** As the JSON names them: csvjobs' time as a share of the other's, or how many times as fast as the other it is. */
const RATIOS = {
  pipelineToRaw: ['pipeline', 'raw'],
  pipelineToLimit: ['pipeline', 'limit'],
  limitToRaw: ['limit', 'raw'],
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

/**
 * { kind: { pipelineToRaw, … } } from { kind: { contestant: seconds[] } }; what did not run is left out. Those of two
 * lanes that were asked for compare contestants with two lanes, and are called pipelineToRaw@2.
 */
export function ratiosOf(times) {
  return Object.fromEntries(
    Object.entries(times).map(([kind, byContestant]) => {
      const lanes = new Set(Object.keys(byContestant).map((called) => /@.*|$/.exec(called)[0]));
      return [kind, Object.fromEntries([...lanes].flatMap((each) => ratiosWith(each, byContestant)))];
    }),
  );
}

function ratiosWith(lanes, byContestant) {
  return Object.entries(RATIOS).flatMap(([name, pair]) => {
    const called = pair.map((each) => (byContestant[each + lanes] ? each + lanes : each));
    // Without lanes on either side it is not a ratio of theirs.
    if (lanes !== '' && called.every((each) => !each.endsWith(lanes))) return [];
    const [above, below] = called.map((each) => byContestant[each]);
    return above && below ? [[name + lanes, round(median(above) / median(below))]] : [];
  });
}

/** What --json prints. */
export function summary({ ratios, peakRssMiB, apiP99ToIdle, pages }) {
  return {
    ratios,
    ...(peakRssMiB === undefined ? {} : { peakRssMiB: Math.round(peakRssMiB) }),
    ...apiRatios(apiP99ToIdle),
    ...(pages === undefined
      ? {}
      : {
          pagesOfMany: Object.fromEntries(Object.entries(pages).map(([name, ratio]) => [name, round(ratio)])),
        }),
  };
}

/** apiP99ToIdle, or apiP99ToIdle@2 for two lanes that were asked for. */
function apiRatios(byContestant) {
  return Object.fromEntries(
    Object.entries(byContestant).map(([called, ratio]) => [
      called.replace('endToEnd', 'apiP99ToIdle'),
      round(ratio),
    ]),
  );
}

/** A row for each file and contestant: median, all runs, and the ratio to RAW. As Markdown, for README.md. */
export function printTable({ times, peakRssMiB, apiP99ToIdle, ratios, pages }, rows) {
  if (Object.keys(times).length > 0) printTimes(times, rows);
  for (const [kind, byName] of Object.entries(ratios))
    for (const [name, ratio] of Object.entries(byName))
      if (name.startsWith('pipelineToLimit')) console.log(`\n${kind}: ${name} ${ratio}`);
  for (const [kind, { toPgloader }] of Object.entries(ratios))
    if (toPgloader !== undefined) console.log(`\n${kind}: ${toPgloader} times as fast as pgloader`);
  if (peakRssMiB !== undefined) console.log(`\npeak memory of csvjobs: ${Math.round(peakRssMiB)} MiB`);
  for (const [name, ratio] of Object.entries(apiP99ToIdle))
    console.log(`\nAPI, 99th percentile while a job runs (${name}), against idle: ${ratio.toFixed(2)}`);
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
