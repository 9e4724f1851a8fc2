/**
 * Small exports from many programs: each loads correctly without options, or its refusal has the options that
 * load it.
 */
import { expect, test } from 'vitest';
import { DECORATED_EXPORTS } from './support/decoratedExports.js';
import { EXPORT_KINDS } from './support/exportKinds.js';
import { exportLoader } from './support/exportOutcome.js';
import { WORLD_EXPORTS } from './support/worldExports.js';

const outcomeOf = exportLoader();

test.each([...EXPORT_KINDS, ...DECORATED_EXPORTS, ...WORLD_EXPORTS])(
  '%s',
  async (_, file, { notices, ...outcome }) => {
    const found = await outcomeOf(typeof file === 'string' ? Buffer.from(file) : file);
    expect(found).toMatchObject(outcome);
    if (notices) expect(found.notices).toEqual(expect.arrayContaining(notices));
  },
);
