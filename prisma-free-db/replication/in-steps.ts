/** Long work over bytes in pieces, so that nothing else of the process waits for the whole of it. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Bytes hashed, ciphered or copied before the event loop gets its turn. */
export const STEP_BYTES = 1_048_576;

export async function inSteps(bytes: Uint8Array, work: (step: Uint8Array, at: number) => void): Promise<void> {
  for (let at = 0; at < bytes.length; at += STEP_BYTES) {
    if (at > 0) await nextTurn();
    work(bytes.subarray(at, at + STEP_BYTES), at);
  }
}
