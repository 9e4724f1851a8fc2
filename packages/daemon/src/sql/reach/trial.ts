/** Decides whether a reached server is suitable, from its messages up to its first ReadyForQuery and its state. */
import { Elsewhere, OtherWay } from './outcomes.js';
import { explainRefusal, withoutBinding } from './tlsFailure.js';
import type { Host, Way } from './way.js';

/** Receives each message of the server; returns whether to pass it to the client. */
export type Trial = (event: string, message: unknown) => boolean;

export interface Verdict {
  /** Sends WHAT_IT_IS. */
  ask(): void;
  fail(error: Error): void;
  /** The server is suitable; takes the message that the client waits for. */
  done(readyForQuery: unknown): void;
}

/** Queries the session itself, because the parameters that a pooler remembers may be of another server. */
export const WHAT_IT_IS = `select pg_is_in_recovery()::text, current_setting('transaction_read_only')`;

/** cannot_connect_now: it is starting or stopping. libpq also tries the next host then. */
const NOT_NOW = '57P03';
/**
 * invalid_authorization_specification: pg_hba.conf. libpq also tries again, with or without TLS, after a wrong password
 * (28P01); but that is wrong both ways, and a second try could reveal it to a network that is being listened to.
 */
const NOT_THIS_WAY = '28000';

const CHANNEL_BOUND = 'SCRAM-SHA-256-PLUS';

export function createTrial(host: Host, way: Way, { ask, fail, done }: Verdict): Trial {
  let bound = false;
  let asked = false;
  let answer: string[] = [];

  const mayAuthenticate = () => {
    if (way.binding !== 'require' || bound) return true;
    fail(withoutBinding(host));
    return false;
  };

  const judge = (message: unknown) => {
    const [isStandby, isReadOnly] = answer;
    if (isStandby === 'true') fail(new Elsewhere(new Error('is a standby, which takes no writes')));
    else if (way.needed === 'read-write' && isReadOnly === 'on')
      fail(new Elsewhere(new Error('takes no writes by default (default_transaction_read_only)')));
    else done(message);
  };

  return (event, message) => {
    switch (event) {
      case 'errorMessage':
        fail(refusal(message as Error, host, way));
        return false;
      case 'authenticationSASL':
        bound = (message as { mechanisms: string[] }).mechanisms.includes(CHANNEL_BOUND);
        return mayAuthenticate();
      case 'authenticationOk':
      case 'authenticationMD5Password':
      case 'authenticationCleartextPassword':
        return mayAuthenticate();
      case 'readyForQuery':
        if (way.needed === 'any') done(message);
        else if (asked) judge(message);
        else {
          asked = true;
          ask();
        }
        return false;
      case 'dataRow':
        answer = (message as { fields: string[] }).fields;
        return false;
      case 'rowDescription':
      case 'commandComplete':
        return false;
      default:
        return true;
    }
  };
}

function refusal(error: Error, host: Host, way: Way): Error {
  const { code } = error as { code?: string };
  if (code === NOT_NOW) return new Elsewhere(error);
  if (code !== NOT_THIS_WAY) return error;
  return new OtherWay(explainRefusal(error, way.tls, host));
}
