/**
 * Fields that may hold what a column's own fields lack: `Your e-mail address` beside the `Email` of Microsoft Forms, which
 * is `anonymous` in every record. Only the records can show it.
 */
import type { Concept, Spec, Target } from '@csvjobs/shared';
import { conceptOf, findConcepts, foldName, shownAlternatives } from '@csvjobs/shared/reading';
import { alternativesOf } from '../../rows/alternatives.js';
import { fieldReference } from '../../rows/fieldReference.js';
import { isEmailName, isPhoneName } from '../../rows/likelyFields.js';
import type { RowPlan } from '../../rows/rowPlan.js';

/** A source of a column: fields that are joined, and what `--map` calls them. */
export interface RivalSource {
  positions: number[];
  shown: string;
}

export interface Rivals {
  column: string;
  concept: Concept;
  required: boolean;
  /** The column's own sources, in order; none if no field fills it. */
  own: RivalSource[];
  /** Other fields, preferred ones first. */
  others: RivalSource[];
}

/**
 * Returns the columns whose own fields were found, not named by the spec, and that other fields may fill better.
 * @param cells trimmed
 */
export function rivalsOf(
  target: Target,
  cells: readonly string[],
  { columns }: Pick<RowPlan, 'columns'>,
  spec: Spec | undefined,
): Rivals[] {
  const {
    constant = {},
    combine = {},
    firstOf = {},
    lookup = {},
    default: filled = {},
  } = spec?.csvjobs ?? {};
  const said = [constant, combine, firstOf, lookup, filled].flatMap((block) =>
    Object.keys(block).map(foldName),
  );
  const used = new Set(columns.flatMap(({ from }) => positionsIn(from)));
  const free = [...cells.keys()].filter((position) => !used.has(position) && cells[position] !== '');
  const source = (positions: number[]): RivalSource => ({
    positions,
    shown: shownAlternatives([positions.map((position) => fieldReference(position, cells))]),
  });
  return target.columns.flatMap(({ name, insertable }): Rivals[] => {
    const concept = conceptOf(name);
    if (concept === undefined || !insertable || said.includes(foldName(name))) return [];
    const plan = columns.find(({ column }) => column === name);
    if (plan?.from.kind === 'constant') return [];
    const own = plan === undefined ? [] : sourcesIn(plan.from).map(source);
    const others = otherSources(concept, cells, free, own.length > 1 ? own : []).map(source);
    const required = plan !== undefined && !plan.nullable && plan.default === undefined;
    return others.length === 0 ? [] : [{ column: name, concept, required, own, others }];
  });
}

function otherSources(
  concept: Concept,
  cells: readonly string[],
  free: readonly number[],
  own: readonly RivalSource[],
): number[][] {
  const named = (isMeant: (name: string) => boolean) =>
    free.filter((each) => isMeant(cells[each]!) && !OF_OTHERS.test(cells[each]!)).map((each) => [each]);
  // What is no address in the column's first field still hides the fields that follow.
  if (concept === 'email') return [...own.slice(1).map(({ positions }) => positions), ...named(isEmailName)];
  if (concept === 'phone') return named(isPhoneName);
  if (concept !== 'name') return [];
  const of = (meant: Concept) =>
    free.filter((each) =>
      findConcepts(cells[each]!).some((found) => found.concept === meant && found.role === ''),
    );
  const [first] = of('firstName');
  const [last] = of('lastName');
  const parts = first === undefined || last === undefined ? [] : [[first, last]];
  return [...of('name').map((each) => [each]), ...parts];
}

function sourcesIn(from: RowPlan['columns'][number]['from']): number[][] {
  if (from.kind === 'field') return [[from.position]];
  return from.kind === 'constant' ? [] : alternativesOf(from).map(({ positions }) => [...positions]);
}

function positionsIn(from: RowPlan['columns'][number]['from']): number[] {
  return sourcesIn(from).flat();
}

/** Words for people other than the record's own. */
const OF_OTHERS = /owner|assign|assist|sekret|secret|emergency|notfall|buyer|sender|host|referr/iu;
