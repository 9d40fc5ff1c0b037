/** How far the store was behind while somebody watched: kept by the page alone, for some minutes. Pure. */
export const SPAN_MS = 5 * 60_000;
/** Longer than the time between two looks, so that no bin stays empty while somebody watches. */
export const BIN_MS = 5_000;

export interface LagSample {
  /** Unix milliseconds, by the browser's clock. */
  at: number;
  ageMs: number;
}

/** With one more, without what is too old. A second look at the same moment changes nothing. */
export function remember(samples: readonly LagSample[], sample: LagSample): readonly LagSample[] {
  if (samples.at(-1)?.at === sample.at) return samples;
  return [...samples.filter(({ at }) => at > sample.at - SPAN_MS && at <= sample.at), sample];
}

/** The worst of each bin, oldest first, the last one being that of `now`; null where nobody looked. */
export function worstOf(samples: readonly LagSample[], now: number): (number | null)[] {
  const bins: (number | null)[] = Array.from({ length: SPAN_MS / BIN_MS }, () => null);
  const last = Math.floor(now / BIN_MS);
  for (const { at, ageMs } of samples) {
    const bin = bins.length - 1 - (last - Math.floor(at / BIN_MS));
    if (bin >= 0 && bin < bins.length) bins[bin] = Math.max(ageMs, bins[bin] ?? 0);
  }
  return bins;
}
