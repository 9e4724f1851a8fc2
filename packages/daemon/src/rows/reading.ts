import type { TargetType } from '@csvjobs/shared';

/** How a spec reads the text of a column; plain data. Without a reading, only an empty text means a missing value. */
export interface Reading {
  /** Words that mean a missing value; must match exactly. */
  missing: readonly string[];
  /** An empty field in quotes is an empty text, as COPY writes it; only one without quotes is a missing value. */
  quotedEmpty?: true;
  /** Blanks around a text are removed, even if the column's type would keep them. */
  trim: boolean;
  /** Blanks around a value are a fault if its type would remove them, because assumptions are not allowed. */
  exact?: true;
  /** A number that its type rounds is a fault, for the same reason. */
  unrounded?: true;
  /** How the file writes a value, if differently from PostgreSQL. */
  form: Form | undefined;
  limits: Limits | undefined;
}

/** The separators of numbers are one character each. */
export type Form =
  | { kind: 'number'; decimal: string; group: string | undefined; bare: boolean }
  | {
      kind: 'dateTime';
      /** A pattern of strptime. */
      format: string;
      /** The column has a time zone. */
      zone: boolean;
    }
  /** Each word of the file, and the text that it means; `booleans`: the spec has them as trueValues and falseValues. */
  | { kind: 'words'; words: readonly (readonly [word: string, text: string])[]; booleans?: true }
  /**
   * The items of an array with a delimiter between them; their type (pg_type), whether it is built in, its typmod, and its labels if it is an enum.
   */
  | {
      kind: 'list';
      delimiter: string;
      item: string;
      system: boolean;
      typmod: number;
      labels?: readonly string[];
    }
  /** Times without an offset are in this zone: the value itself, or the items in an array or a range. */
  | { kind: 'localTime'; timeZone: string; of: 'value' | 'items'; form: Form | undefined }
  /** The text is kept unchanged, but must have this type. */
  | { kind: 'plain'; type: PlainType }
  /** A value of another table's column of this type, to be looked up there. */
  | { kind: 'keyValue'; type: TargetType; form: Form | undefined };

export const PLAIN_TYPES = [
  'integer',
  'number',
  'boolean',
  'date',
  'time',
  'datetime',
  'year',
  'yearmonth',
  'email',
] as const;
export type PlainType = (typeof PLAIN_TYPES)[number];

/** Constraints of Table Schema v2 on one value. Texts are in PostgreSQL's form. */
export interface Limits {
  /** Number of characters of a text, or of items of a list. */
  minLength?: number;
  maxLength?: number;
  minimum?: string;
  maximum?: string;
  exclusiveMinimum?: string;
  exclusiveMaximum?: string;
  /** Must match the whole text as it is in the file. */
  pattern?: string;
  enum?: readonly string[];
}
