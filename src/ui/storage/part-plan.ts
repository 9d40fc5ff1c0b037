/** How a large file is cut, which of its parts are missing, and what there is already. Pure. */

/** Up to here one request is quicker than asking for an upload in parts; the server answers either way. */
export const WHOLE_UP_TO_BYTES = 8 * 1024 * 1024;

export interface Part {
  /** From 1. */
  number: number;
  start: number;
  /** Exclusive. */
  end: number;
}

interface PlannedFile {
  sizeBytes: number;
  partSizeBytes: number;
}

/** An empty file has one empty part. */
export function planParts({ sizeBytes, partSizeBytes }: PlannedFile): Part[] {
  const count = Math.max(1, Math.ceil(sizeBytes / partSizeBytes));
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    start: index * partSizeBytes,
    end: Math.min(sizeBytes, (index + 1) * partSizeBytes),
  }));
}

interface StoredPart {
  number: number;
  sizeBytes: number;
}

/** Numbers of the parts that were taken for certain; null = not known, so that the store is believed. */
export type Taken = ReadonlySet<number> | null;

export function certain<One extends StoredPart>(stored: readonly One[], taken: Taken): One[] {
  return stored.filter(({ number }) => taken === null || taken.has(number));
}

/** Those to send, in order. A stored part of another length than planned is sent again. */
export function missingParts(plan: readonly Part[], stored: readonly StoredPart[], taken: Taken = null): Part[] {
  const there = new Map(certain(stored, taken).map(({ number, sizeBytes }) => [number, sizeBytes]));
  return plan.filter(({ number, start, end }) => there.get(number) !== end - start);
}

export function bytesOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { start, end }) => sum + end - start, 0);
}
