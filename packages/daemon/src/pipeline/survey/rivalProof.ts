/** Counts records that have no value for a column where it is looked for, but one in another field (see rivals.ts). */
import { shellWord } from '@csvjobs/shared/paths';
import { rowCount } from '@csvjobs/shared/reading';
import { suitsConcept } from '../../rows/suitingValues.js';
import type { RivalSource, Rivals } from '../header/rivals.js';
import type { Notice } from '../notice.js';
import type { Fields } from '../parse/fields.js';

interface Count {
  rivals: Rivals;
  /** Records whose own fields have a value. */
  own: number;
  /** Records in which only this other source has one. */
  others: Map<RivalSource, number>;
}

/** Required columns without a value in any record, and the options that fill them from other fields. */
export interface Unfilled {
  columns: string[];
  options: string[];
}

/** Checks the first records of a file. */
export class RivalProof {
  readonly #counts: Count[];

  constructor(rivals: readonly Rivals[]) {
    this.#counts = rivals.map((each) => ({ rivals: each, own: 0, others: new Map() }));
  }

  get settled(): boolean {
    return this.#counts.length === 0;
  }

  add(fields: Fields): void {
    for (const count of this.#counts) {
      const { own, others, concept } = count.rivals;
      const used = own.map((source) => textOf(source, fields)).find((text) => text !== '') ?? '';
      // Only an address can be told from other values; a value of another kind may be as the user wants it.
      if (used !== '' && (concept !== 'email' || suitsConcept(concept, used))) {
        count.own++;
        continue;
      }
      for (const other of others)
        if (suitsConcept(concept, textOf(other, fields)))
          count.others.set(other, (count.others.get(other) ?? 0) + 1);
    }
  }

  /** Returns the required columns that have no value in any record, with the options that fill them. */
  unfilled(): Unfilled | undefined {
    const found = this.#counts.flatMap(({ rivals, own, others }) => {
      const best = bestOf(others);
      return rivals.required && own === 0 && best ? [{ rivals, best }] : [];
    });
    if (found.length === 0) return undefined;
    return {
      columns: found.map(({ rivals }) => rivals.column),
      options: found.flatMap(({ rivals, best }) => ['--map', `${rivals.column}=${best.source.shown}`]),
    };
  }

  /** Reports records that only another field has a value for, and the option that uses it as well. */
  notices(): Notice[] {
    return this.#counts.flatMap(({ rivals: { column, concept, own }, others }) => {
      const best = bestOf(others);
      if (best === undefined) return [];
      const { source, records } = best;
      const rest = own.filter(({ shown }) => shown !== source.shown);
      // An address that is none still counts as a value, so the other field comes first.
      const all = concept === 'email' ? [source, ...rest] : [...rest, source];
      const option = `--map ${shellWord(`${column}=${all.map(({ shown }) => shown).join(' | ')}`)}`;
      const lack = `${rowCount(records, 'record')} without ${column} ${records === 1 ? 'has' : 'have'} a value in ${source.shown}`;
      return [{ note: `${lack}; to use it, add ${option}` }];
    });
  }
}

function bestOf(
  others: ReadonlyMap<RivalSource, number>,
): { source: RivalSource; records: number } | undefined {
  const [first, ...rest] = [...others].map(([source, records]) => ({ source, records }));
  return rest.reduce((best, each) => (best && best.records >= each.records ? best : each), first);
}

function textOf({ positions }: RivalSource, fields: Fields): string {
  return positions
    .filter((position) => position < fields.count)
    .map((position) => fields.text(position).trim())
    .filter((text) => text !== '')
    .join(' ');
}
