// Numbers of the binary format are in network byte order.
import { SLACK } from '../src/pipeline/target/plain/memoryLayout';

export function put16(at: u32, value: u32): void {
  store<u16>(at, bswap<u16>(<u16>value));
}

export function put32(at: u32, value: i32): void {
  store<u32>(at, bswap<u32>(<u32>value));
}

export function put64(at: u32, value: i64): void {
  store<u64>(at, bswap<u64>(<u64>value));
}

/** Copies bytes. It writes up to SLACK bytes too many, which the next value overwrites. */
export function copy(from: u32, length: u32, to: u32): void {
  for (let at: u32 = 0; at < length; at += SLACK) v128.store(to + at, v128.load(from + at));
}
