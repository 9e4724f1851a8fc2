/** The number of rejected rows up to which a job is still a success. */

/** A count, or a share of the rows (0 to 1). */
export type Gate = { rows: number } | { share: number };

/** Reads `10`, `"10"` or `"2.5%"`. Returns undefined for anything else and for more than 100%. */
export function readMaxErrors(limit: number | string): Gate | undefined {
  const match = /^(\d+)$|^(\d+(?:\.\d+)?)%$/.exec(String(limit).trim());
  const share = Number(match?.[2]) / 100;
  if (match?.[1] !== undefined) return { rows: Number(match[1]) };
  return match && share <= 1 ? { share } : undefined;
}

/** How many of the given number of rows may be rejected. */
export function allowedRejects(gate: Gate, rows: number): number {
  return 'rows' in gate ? gate.rows : Math.floor(gate.share * rows + 1e-9);
}
