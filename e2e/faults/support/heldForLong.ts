/**
 * For a transaction in which a test holds a lock, after its `begin`. The product's own transactions end when they are idle for 60 s; on a busy
 * machine a scenario takes longer.
 */
export const HELD_FOR_LONG = 'set local idle_in_transaction_session_timeout = 0';
