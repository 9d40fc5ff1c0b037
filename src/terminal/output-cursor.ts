/**
 * How far one connected browser is with the output of its tab: what was sent, what it has shown. Sends from the ring and never
 * queues, so a slow browser costs no memory; it paces the program instead, and only a browser that stops answering is let go.
 */
import type { OutputRing } from './output-ring.ts';
import { MAX_FRAME_BYTES } from './protocol.ts';

/** Sent but not yet shown, at most: small enough that Ctrl-C is felt at once, large enough for a long way to the browser. */
export const WINDOW_BYTES = 512 * 1024;
/** The program pauses when a browser is so far behind … */
export const HIGH_WATER_BYTES = 384 * 1024;
/** … and goes on once it is this near again. */
export const LOW_WATER_BYTES = 96 * 1024;
/** A browser that shows nothing for so long (asleep, a frozen page) no longer holds the program up. */
export const STALLED_AFTER_MS = 10_000;

export class OutputCursor {
  #sent: number;
  #acked: number;
  #movedAtMs: number;

  constructor(from: number, nowMs: number) {
    this.#sent = from;
    this.#acked = from;
    this.#movedAtMs = nowMs;
  }

  get acked(): number {
    return this.#acked;
  }

  /** True when bytes that it still needs have left the ring: it must begin anew. */
  lost(ring: OutputRing): boolean {
    return this.#sent < ring.start;
  }

  /** @returns false when nothing of the kind was sent; the connection is then broken beyond repair. */
  ack(offset: number, nowMs: number): boolean {
    if (offset > this.#sent) return false;
    if (offset > this.#acked) {
      this.#acked = offset;
      this.#movedAtMs = nowMs;
    }
    return true;
  }

  /** Sends what the window allows. Must not be called while lost. */
  pump(ring: OutputRing, send: (bytes: Uint8Array<ArrayBuffer>) => void, nowMs: number): void {
    // A browser that had shown everything begins its time to answer now.
    if (this.#acked === this.#sent) this.#movedAtMs = nowMs;
    while (this.#sent < ring.end && this.#sent - this.#acked < WINDOW_BYTES) {
      const bytes = ring.slice(this.#sent, MAX_FRAME_BYTES);
      this.#sent += bytes.length;
      send(bytes);
    }
  }

  stalled(nowMs: number): boolean {
    return this.#acked < this.#sent && nowMs - this.#movedAtMs >= STALLED_AFTER_MS;
  }
}

/** Whether the program should be held up, by the slowest browser that still answers. */
export function shouldPause(options: {
  paused: boolean;
  end: number;
  cursors: Iterable<OutputCursor>;
  nowMs: number;
}): boolean {
  const mark = options.paused ? LOW_WATER_BYTES : HIGH_WATER_BYTES;
  for (const cursor of options.cursors) {
    if (!cursor.stalled(options.nowMs) && options.end - cursor.acked > mark) return true;
  }
  return false;
}
