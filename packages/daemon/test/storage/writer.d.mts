export interface WriterTask {
  store: { kind: 'folder'; folder: string };
  id: string;
  how: 'receive' | 'append';
  /** The offset of what is appended. */
  from?: number;
  bytes: number;
}
