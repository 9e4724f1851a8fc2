/**
 * Memory that V8 counts, though no page of it is used. More than the 64 MiB above which it collects what is not referenced any
 * more.
 */
const COUNTED = 128 * 1024 * 1024;

/**
 * Has V8 free the shared memory of batches (memory.ts) whose thread has ended. V8 does not count that memory, so it keeps it until it
 * collects its heap for another reason: each load of a million unchanged rows left 59 MB.
 */
export function freeShared(): void {
  try {
    void new ArrayBuffer(COUNTED);
  } catch {
    // There is no address space for it (ulimit -v).
  }
}
