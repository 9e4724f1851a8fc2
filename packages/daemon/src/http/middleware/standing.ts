/**
 * Answers under way, each with the token that it was given for. A stream lasts for hours, and a download or
 * an upload may. When their token is revoked, they end too: in every process at once, or, while Redis is
 * unavailable, in other processes at the next heartbeat.
 */
import type { Context } from 'koa';
import type { Caller } from '../../access/access.js';
import type { AppDeps } from '../deps.js';

interface Answer {
  ctx: Context;
  caller: Caller;
}

export interface Standing {
  /** Tracks an answer until its connection is done with it. `token` is undefined for callers without one. */
  hold(ctx: Context, token: string | undefined, caller: Caller): void;
  /** Checks again which callers still have access, and ends the answers of all others. */
  review(): Promise<void>;
}

/**
 * `ctx.state.revoked` of an answer defines how to end it. Otherwise the connection is reset, which no client
 * mistakes for the regular end.
 */
export function createStanding({ access, log }: Pick<AppDeps, 'access' | 'log'>): Standing {
  /** By token, because thousands of streams may have the same one. */
  const underWay = new Map<string | undefined, Set<Answer>>();
  let reviewing: Promise<void> | undefined;
  let again = false;

  async function lookAtAll(): Promise<void> {
    for (const [token, answers] of underWay) {
      const now = await access(token);
      for (const answer of answers) {
        if (now?.scope === answer.caller.scope) continue;
        const { requestId, revoked } = answer.ctx.state;
        log.info({ requestId, caller: answer.caller.name }, 'ended an open response: its token was revoked');
        answers.delete(answer);
        if (revoked) revoked();
        else answer.ctx.req.socket.resetAndDestroy();
      }
    }
  }

  return {
    hold(ctx, token, caller) {
      const answer = { ctx, caller };
      const answers = underWay.get(token) ?? new Set();
      underWay.set(token, answers.add(answer));
      ctx.res.once('close', () => {
        answers.delete(answer);
        if (answers.size === 0 && underWay.get(token) === answers) underWay.delete(token);
      });
    },
    async review() {
      // One review at a time. A request during a review may be newer than what the review read, so another
      // review follows.
      again = true;
      reviewing ??= (async () => {
        while (again) {
          again = false;
          await lookAtAll();
        }
      })()
        .catch((error: unknown) => {
          log.warn(
            { err: error },
            'cannot check the tokens of open responses; retrying at the next heartbeat',
          );
        })
        .finally(() => {
          reviewing = undefined;
        });
      await reviewing;
    },
  };
}
