/** The name for the report of a file: `customers.csv` → `customers.errors.csv`. */
export function reportName(filename: string): string {
  const base = filename.replace(/^.*[\\/]/, '').replace(/(\.(csv|tsv|txt))?(\.(gz|zst))?$/i, '');
  return `${base.replace(/^[-.]+/, '') || 'job'}.errors.csv`;
}
