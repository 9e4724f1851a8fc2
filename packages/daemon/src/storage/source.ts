/**
 * Where the bytes of a file are, as plain data: it is sent to the reading thread, which opens it there
 * (pipeline/sourceChunks.ts).
 */
export type ByteSource = FileSource | S3Source;

/** A file on this machine, or in a folder that machines share. */
export interface FileSource {
  kind: 'file';
  path: string;
  /** The file as it was when the read was requested; without it, the read accepts any version. */
  fence?: FileFence;
}

/** Values that change when a file is replaced (`ino`) or written to. */
export interface FileFence {
  ino: number;
  size: number;
  mtimeMs: number;
}

/** An object, whose ETag shows whether it was replaced. The reader finds the credentials. */
export interface S3Source {
  kind: 's3';
  bucket: string;
  key: string;
  /** A server other than Amazon's. */
  endpoint?: string | undefined;
  etag: string;
  size: number;
  /** It does not belong to csvjobs: it was named, not uploaded. */
  origin?: true;
}
