/** A preview that searches for the rows to remove, and the one without that search which replaces it. */
import { once } from 'node:events';
import type { Preview } from '@csvjobs/shared';
import { expect, it } from 'vitest';
import { type RemovalWatch, withRemoval } from '../../../src/pipeline/preview/removal.js';

const PREVIEW = { table: 't', records: [], notices: ['of the file'] } as unknown as Preview;

/** Searches until it is stopped; returns a preview without the search. */
async function endless(signal: AbortSignal, watch?: RemovalWatch): Promise<Preview> {
  if (!watch) return PREVIEW;
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

it('that takes too long: a notice says so, and names the dry run', async () => {
  expect(await withRemoval(new AbortController().signal, endless, 50)).toEqual({
    ...PREVIEW,
    notices: [
      'of the file',
      'cannot tell which rows of the table would be removed: it takes longer than 0.05 s; a dry run can tell (csvjobs upload <file> --replace --dry-run)',
    ],
  });
});

it('whose caller has disconnected: nothing replaces it', async () => {
  const caller = new AbortController();
  const reason = new Error('gone');
  const attempts: boolean[] = [];
  const found = withRemoval(caller.signal, (signal, watch) => {
    attempts.push(watch !== undefined);
    caller.abort(reason);
    return endless(signal, watch);
  });
  await expect(found).rejects.toBe(reason);
  expect(attempts).toEqual([true]);
});

it('that fails for another reason: the error is not hidden', async () => {
  const broken = new Error('broken');
  await expect(
    withRemoval(new AbortController().signal, async (_, watch) => {
      if (watch) throw broken;
      return PREVIEW;
    }),
  ).rejects.toBe(broken);
});
