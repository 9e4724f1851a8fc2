/**
 * How to load the file of an upload: decided by everything that is said about it, before its bytes are read.
 */
import { type LoadMode, type Spec, specOfFixes, withTimeOfNow } from '@csvjobs/shared';
import type { Caller } from '../../access/access.js';
import { modeFor } from '../../intake/mode.js';
import { overridesFor } from '../../intake/overrides.js';
import type { NewJob } from '../../sql/jobs.js';
import type { JobInto } from '../../sql/jobTarget.js';
import type { AppDeps } from '../deps.js';
import type { Asked } from './asked.js';
import type { Fixes } from './fixesOf.js';
import { intoTable } from './intoTable.js';
import { mustHaveRights } from './modeRights.js';

export interface Planned {
  target: JobInto;
  /** Whether a table was named; otherwise it is customers. */
  named: boolean;
  overrides: NewJob['overrides'];
  mode: LoadMode;
}

/** What the sender says about a file, and the job whose rejected records it has. */
export interface Wanted extends Pick<Asked, 'asked' | 'into'> {
  spec: Spec | undefined;
  parent: Fixes | undefined;
}

/**
 * @throws {Failure} if it cannot be loaded like this, whoever sends it (`intoTable`, `mustHaveRights`,
 * `overridesFor`, `modeFor`)
 */
export async function planUpload(
  deps: Pick<AppDeps, 'pool' | 'tables'>,
  caller: Pick<Caller, 'tables'>,
  { asked, parent, ...wanted }: Wanted,
): Promise<Planned> {
  const said = wanted.spec ?? parent?.spec;
  const given = parent && said ? specOfFixes(said) : said;
  const spec = given && withTimeOfNow(given, new Date());
  const target = await intoTable(deps, caller, wanted.into ?? parent?.table, spec);
  // Fixed records have the text format of the report; the format in the spec describes the parent's file.
  const overrides = parent ? { ...parent.overrides, ...overridesFor(asked) } : overridesFor(asked, spec);
  const mode = modeFor(spec, target?.target);
  if (target?.target) await mustHaveRights(deps.pool, target.target, mode);
  const named = (wanted.into ?? parent?.table ?? spec?.csvjobs?.into) !== undefined;
  return { target, named, overrides, mode };
}
