/** The name for the fixed records of a file: `customers.csv` → `customers.fixed.csv`, and again the same. */
export function fixedName(filename: string, delimiter: string | undefined): string {
  const base = reportName(filename).replace(/\.errors\.csv$/, '');
  return `${base.replace(/\.fixed$/, '')}.fixed.${delimiter === '\t' ? 'tsv' : 'csv'}`;
}

/** The name for the report of a file: `customers.csv` → `customers.errors.csv`; inserts `apart` before `errors`. */
export function reportName(filename: string, apart = ''): string {
  const base = filename.replace(/^.*[\\/]/, '').replace(/(\.(csv|tsv|txt))?(\.(gz|zst))?$/i, '');
  return `${base.replace(/^[-.]+/, '') || 'job'}${apart && `.${apart}`}.errors.csv`;
}
