/** The name for the report of a file: `customers.csv` → `customers.errors.csv`; `apart` stands in it before `errors`. */
export function reportName(filename: string, apart = ''): string {
  const base = filename.replace(/^.*[\\/]/, '').replace(/(\.(csv|tsv|txt))?(\.(gz|zst))?$/i, '');
  return `${base.replace(/^[-.]+/, '') || 'job'}${apart && `.${apart}`}.errors.csv`;
}
