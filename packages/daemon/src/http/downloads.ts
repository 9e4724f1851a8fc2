/** Downloads that are sent part by part, reports and rows of jobs: all of them together have one bound (MAX_REPORTS). */
import { createPlaces } from './places.js';
import { refuseUntil } from './problems.js';

/** When to come back where all places are taken, in seconds: a usual report is sent in less. */
const COME_BACK = 2;

/**
 * Takes a place for a caller. Returns what gives it back.
 * @throws {Failure} `too_many_reports`
 */
export type BeginDownload = (caller: string) => () => void;

/** @param max how many are sent at a time; Infinity for no bound */
export function createDownloads(max = Number.POSITIVE_INFINITY): BeginDownload {
  const places = createPlaces(max);
  return (caller) => {
    const leave = places.take(caller);
    if (leave) return leave;
    const detail = `this daemon sends ${max} reports at a time (MAX_REPORTS; rows of jobs count too), and a quarter of these only to callers that have none under way; try again after Retry-After`;
    throw refuseUntil('too_many_reports', detail, COME_BACK);
  };
}
