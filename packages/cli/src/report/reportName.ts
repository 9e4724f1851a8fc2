/** The name for the fixed records of a file: `customers.csv` → `customers.fixed.csv`, and again the same. */
export function fixedName(filename: string, delimiter: string | undefined): string {
  const base = reportName(filename).replace(/\.errors\.csv$/, '');
  return `${base.replace(/\.fixed$/, '')}.fixed.${delimiter === '\t' ? 'tsv' : 'csv'}`;
}

/**
 * The name for the report of a job: with its ID if the file is shown by its path, because another one has the same name.
 * @param shown what the file is called
 */
export function reportOf({ id, filename }: { id: string; filename: string }, shown = filename): string {
  return reportName(filename, shown === filename || !/[\\/]/.test(shown) ? '' : id.slice(0, 8));
}

/** The name for the report of a file: `customers.csv` → `customers.errors.csv`; inserts `apart` before `errors`. */
export function reportName(filename: string, apart = ''): string {
  const base = filename.replace(/^.*[\\/]/, '').replace(/(\.(csv|tsv|txt))?(\.(gz|zst))?$/i, '');
  return `${base.replace(/^[-.]+/, '') || 'job'}${apart && `.${apart}`}.errors.csv`;
}
