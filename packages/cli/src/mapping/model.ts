/** The mapping: the fields of a file, the columns of a table, and which field fills which column. Plain data. */
import type { FileField, MappedColumn, MappingAnswer, TableDescription, TargetColumn } from '@csvjobs/shared';
import { isRequired } from '@csvjobs/shared/rules';

export interface TableColumn {
  name: string;
  /** As PostgreSQL writes it. */
  type: string;
  need: Need;
  /** Positions of the fields that a load uses for the column by the header alone. */
  named: readonly number[];
}

/** Whether a file must fill a column, and what the column gets otherwise: the table's default, or NULL. */
export type Need = 'required' | 'optional' | 'default';

/** The source of a column's text: fields, or a constant; without either, the default in every row. */
export interface Source {
  /**
   * Positions of fields. The first alternative with a value counts; those of its fields that have a value are joined
   * with a blank.
   */
  alternatives: readonly (readonly number[])[];
  constant: string | undefined;
  /** The text to use if the fields are empty. */
  default: string | undefined;
  /** How it was found: by its exact name in the header, by a similar name, by the spec, by a guess, or by the user. */
  origin: 'exact' | 'name' | 'spec' | 'guess' | 'person';
}

/** The source of each column, in the order of the table. */
export type Sources = readonly (Source | undefined)[];

/** The fields of a source, in the order in which they were added; empty for a constant. */
export function fieldsOf(source: Source | undefined): number[] {
  return source?.alternatives.flat() ?? [];
}

export interface Model {
  /** Names of the file and the table, for the title. */
  file: string;
  table: string;
  fields: readonly FileField[];
  columns: readonly TableColumn[];
}

type Mapped = Extract<MappingAnswer, { type: 'mapped' }>;

/** The columns that accept a value, with their needs, in the order of the answer. */
export function columnsOf(
  answer: Mapped,
  target: Pick<TableDescription, 'columns' | 'triggers'>,
): TableColumn[] {
  const byName = new Map(target.columns.map((column) => [column.name, column]));
  return answer.columns.map(({ column: name, named }) => {
    const column = byName.get(name)!;
    return { name, type: column.type.sql, need: needOf(target, column), named };
  });
}

function needOf(target: Pick<TableDescription, 'triggers'>, column: TargetColumn): Need {
  const { default: fallback, identity } = column;
  if (fallback !== null || identity !== null) return 'default';
  return isRequired(target, column) ? 'required' : 'optional';
}

/** Returns what a load would do with the file, and guesses for the columns that a load would leave empty. */
export function sourcesOf({ columns, fields }: Pick<Mapped, 'columns' | 'fields'>): Sources {
  return columns.map((each): Source | undefined => {
    const rest = { constant: undefined, default: each.default ?? undefined } as const;
    const { from, suggestion } = each;
    if (from === null) {
      if (suggestion !== null && canBeNamed(fields, suggestion))
        return { ...rest, alternatives: [[suggestion]], origin: 'guess' };
      return rest.default === undefined ? undefined : { ...rest, alternatives: [], origin: 'spec' };
    }
    const origin = originOf(each);
    if (from.kind === 'field') return { ...rest, alternatives: [[from.position]], origin };
    if (from.kind === 'constant') return { ...rest, alternatives: [], constant: from.text, origin };
    const { positions, join, groups } = from;
    const alone = groups ?? positions.map((position) => [position]);
    return { ...rest, alternatives: join === 'blank' ? [positions] : alone, origin };
  });
}

function originOf({ match }: MappedColumn): Source['origin'] {
  return match === 'exact' ? 'exact' : match === 'spec' ? 'spec' : 'name';
}

/** The required columns that nothing fills. */
export function missing({ columns }: Pick<Model, 'columns'>, sources: Sources): string[] {
  return columns.filter(({ need }, at) => need === 'required' && !sources[at]).map(({ name }) => name);
}

/** Whether a spec can name a field: it has a name, and no other field has the same. */
export function canBeNamed(fields: readonly FileField[], at: number): boolean {
  const name = fields[at]?.name ?? '';
  return name !== '' && !fields.some((other, place) => place !== at && other.name === name);
}
