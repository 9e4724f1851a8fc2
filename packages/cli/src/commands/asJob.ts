/** `--like`: reads and maps a file like that of an earlier job, unless an option says otherwise. */
import type { Spec } from '@csvjobs/shared';
import type { ReadAs } from '../client/daemonClient.js';
import { likeSpec } from '../config/jobSpec.js';
import type { SpecFile } from '../config/specFile.js';
import type { SpecFlags } from '../config/specOptions.js';
import type { Context } from '../context.js';
import { resolveId } from '../jobId.js';
import { usageError } from '../userError.js';

interface Flags {
  into: string | undefined;
  spec: string | undefined;
  like: string | undefined;
  specFlags: SpecFlags;
}

interface AsJob extends Omit<Flags, 'like'> {
  /** The spec that the options override, if a job provides one. */
  base?: SpecFile | undefined;
  readAs: ReadAs;
}

/** @throws UserError (exit 2) if --spec is given too, or the job does not exist */
export async function asJob(context: Context, { like, ...flags }: Flags, readAs: ReadAs): Promise<AsJob> {
  const { into, spec, specFlags } = flags;
  if (like === undefined) return { into, spec, specFlags, readAs };
  if (spec !== undefined)
    throw usageError(
      '--like and --spec cannot be used together',
      'a job has a spec of its own',
      'leave one out',
    );
  const client = await context.client();
  const { table, spec: of, overrides } = await client.job(await resolveId(client, like));
  const known = of && likeSpec(of as Spec, specFlags);
  const { readSpec } = await import('@csvjobs/shared');
  const base = known && { bytes: Buffer.from(JSON.stringify(known)), spec: readSpec(known) };
  const said = Object.fromEntries(Object.entries(readAs).filter(([, value]) => value !== undefined));
  return { into: into ?? table, spec, specFlags, base, readAs: { ...readingOf(overrides), ...said } };
}

function readingOf(overrides: Readonly<Record<string, unknown>> = {}): ReadAs {
  const { encoding, delimiter } = overrides;
  return {
    ...(typeof encoding === 'string' && { encoding }),
    ...(typeof delimiter === 'string' && { delimiter: delimiter === '\t' ? 'tab' : delimiter }),
  };
}
