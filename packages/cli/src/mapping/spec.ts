/** A mapping as a spec, which contains only what a load would not do on its own. */
import type { SpecInput } from '@csvjobs/shared';
import { alternativeOf, byName } from '@csvjobs/shared/rules';
import { fieldsOf, type Model, type Source, type Sources } from './model.js';

type Block = NonNullable<SpecInput['csvjobs']>;

/** The spec's properties for sources of columns: a mapping writes all of them from scratch. */
const WORDS = ['combine', 'firstOf', 'constant', 'default', 'ignore'] as const;

/**
 * The spec of a mapping.
 * @param base the spec that the mapping started with: everything else in it is kept
 */
export function specOfMapping(model: Model, sources: Sources, base: SpecInput | undefined): SpecInput {
  const { columns, fields } = model;
  const nameOf = (position: number) => fields[position]!.name;
  const said: { [Word in (typeof WORDS)[number]]: NonNullable<Block[Word]> } = {
    combine: byName(),
    firstOf: byName(),
    constant: byName(),
    default: byName(),
    ignore: [],
  };
  for (const [at, { name, named }] of columns.entries()) {
    const source = sources[at];
    // Otherwise a load would use the field that has the column's name.
    if (isWithout(source)) said.ignore.push(...named.map(nameOf));
    if (source === undefined) continue;
    if (source.constant !== undefined) said.constant[name] = source.constant;
    else if (!isByName(source, named)) {
      const names = source.alternatives.map((fields) => fields.map(nameOf));
      if (names.length === 1 && names[0]!.length > 1) said.combine[name] = names[0]!;
      else if (names.length > 0) said.firstOf[name] = names.map(alternativeOf);
    }
    // Beside a constant, no row would get it.
    if (source.default !== undefined && source.constant === undefined) said.default[name] = source.default;
  }
  const block: Block = { ...base?.csvjobs };
  for (const word of WORDS) {
    delete block[word];
    if (Object.keys(said[word]).length > 0) Object.assign(block, { [word]: said[word] });
  }
  return { ...base, csvjobs: block };
}

function isWithout(source: Source | undefined): boolean {
  return source === undefined || (source.alternatives.length === 0 && source.constant === undefined);
}

/** Whether a load finds the field without a spec, by its exact name. */
function isByName(source: Source, named: readonly number[]): boolean {
  const { origin } = source;
  const fields = fieldsOf(source);
  return origin === 'exact' && fields.length === 1 && named.length === 1 && fields[0] === named[0];
}
