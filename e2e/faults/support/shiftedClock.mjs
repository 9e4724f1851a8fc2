/**
 * Preloaded into a Node process: its wall clock is off by as many milliseconds as the file CLOCK_SHIFT_FILE says, and follows
 * it in mid-flight. The monotonic clock goes on, as on a machine whose time is set.
 */
import { readFileSync } from 'node:fs';

const RealDate = Date;
const now = () => RealDate.now() + Number(readFileSync(process.env.CLOCK_SHIFT_FILE, 'utf8'));

globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
