/**
 * Where a sealed text belongs. The place is part of what is sealed: a row that somebody moves to another person, name or path of the
 * database cannot be opened there.
 */
import type { EnvironmentId, UserId } from '../../domain/ids.ts';

export const variableContext = (userId: UserId, name: string): string => `variable:${userId}:${name}`;
export const fileContext = (userId: UserId, path: string): string => `file:${userId}:${path}`;
export const launchContext = (id: EnvironmentId): string => `environment:${id}`;

/** As many characters of a sealed text as name its key: `v1.<8 hex>.`. */
export const KEY_START_LENGTH = 12;

/** Id of the key that a text was sealed with; its beginning is enough. */
export function keyOf(sealed: string): string | null {
  return /^v1\.([0-9a-f]{8})\./.exec(sealed)?.[1] ?? null;
}
