/** Downloads that are sent piece by piece (reports and rows of jobs). They share one limit (MAX_REPORTS). */
import { withNoun } from '@csvjobs/shared';
import { createPlaces } from './places.js';
import { refuseWithRetryAfter } from './problems.js';

/** Retry-After when all places are taken, in seconds: most reports are sent in less. */
const COME_BACK = 2;

/**
 * Takes a place for a caller. Returns a function that releases it.
 * @throws {Failure} `too_many_reports`
 */
export type BeginDownload = (caller: string) => () => void;

/** @param max maximum number of concurrent downloads; Infinity for no limit */
export function createDownloads(max = Number.POSITIVE_INFINITY): BeginDownload {
  const places = createPlaces(max);
  return (caller) => {
    const leave = places.take(caller);
    if (leave) return leave;
    const detail = `this daemon sends ${withNoun(max, 'report')} at a time (MAX_REPORTS; rows of jobs count too), and a quarter of these only to callers without one in progress; try again after Retry-After`;
    throw refuseWithRetryAfter('too_many_reports', detail, COME_BACK);
  };
}
