/** How long what was replaced or deleted can be had back. Pure. */
import type { Outputs } from '../trpc-client.tsx';
import type { Storage } from './storage.ts';

export type FileVersion = Outputs['files']['versions']['versions'][number];
export type DeletedFile = Outputs['files']['deleted']['entries'][number];

const DAY_MS = 24 * 3_600_000;

/** Days the store keeps what was replaced or deleted; null = until somebody removes it. */
export function keepsDays(storage: Pick<Storage, 'keepVersionsDays' | 'settings'> | undefined): number | null {
  const expires = storage?.settings.some(({ setting, state }) => setting === 'expiry' && state === 'on');
  return storage && expires ? storage.keepVersionsDays : null;
}

/** When the store removes it for good, at the earliest; null = it does not do so by itself. */
export function keptUntil(goneAt: number, days: number | null): number | null {
  return days === null ? null : goneAt + days * DAY_MS;
}

/** `"30" → 30`; null unless it is a whole number of days from 1 to 365. */
export function readDays(text: string): number | null {
  const days = Number(text);
  return /^ *\d+ *$/.test(text) && days >= 1 && days <= 365 ? days : null;
}

/** The folder of a key as a prefix: `"a/b/c.txt" → "a/b/"`, `"c.txt" → ""`. */
export function folderOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

/** Pieces of at most `size`: one call brings back no more than that. */
export function inPieces<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
