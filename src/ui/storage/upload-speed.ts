/** How fast bytes move, and how long the rest takes. Pure. */

interface Sample {
  at: number;
  bytes: number;
}

/** Long enough to be calm, short enough to notice that a connection became slow. */
const WINDOW_MS = 8000;
/** Before this much is known, a figure would be a guess. */
const KNOWN_AFTER_MS = 1000;

/** What moved lately: feed it with a count that only grows; a count that fell begins anew. */
export class SpeedMeter {
  #samples: Sample[] = [];

  add(at: number, bytes: number): void {
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ at, bytes });
    // One sample older than the window stays: it is where the window begins.
    while (this.#samples[1] && this.#samples[1].at <= at - WINDOW_MS) this.#samples.shift();
  }

  /** Bytes a second; null while it is not known. */
  bytesPerSecond(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < KNOWN_AFTER_MS) return null;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}

/** Whole seconds under a minute, steps of five up to ten, then whole minutes: a figure that can be read. Null = unknown. */
export function timeLeftMs(restBytes: number, bytesPerSecond: number | null): number | null {
  if (bytesPerSecond === null || bytesPerSecond < 1) return null;
  const seconds = restBytes / bytesPerSecond;
  const step = seconds < 60 ? 1 : seconds < 600 ? 5 : 60;
  return Math.max(1, Math.ceil(seconds / step) * step) * 1000;
}
