/** The pages of a folder as one list. Pure. */
import { compareUtf8 } from '../../domain/storage.ts';
import type { FileEntry } from './file-paths.ts';

export interface FilePage {
  entries: readonly FileEntry[];
  next: string | null;
}

/** A folder that came in one page can be sorted here; of a larger one only the server knows the order. */
export function isComplete(pages: readonly FilePage[]): boolean {
  return pages.length > 0 && pages[0]?.next === null;
}

/**
 * Folders first when all of the folder is known. Otherwise the order of the bucket, in which pages continue one another, so
 * that nothing moves when the next page arrives.
 */
export function listEntries(pages: readonly FilePage[]): FileEntry[] {
  const all = pages.flatMap(({ entries }) => [...entries].sort((a, b) => compareUtf8(a.key, b.key)));
  if (!isComplete(pages)) return all;
  return [...all.filter(({ kind }) => kind === 'folder'), ...all.filter(({ kind }) => kind === 'file')];
}

/** Text to sort by name with folders before files. */
export function nameOrder({ kind, name }: Pick<FileEntry, 'kind' | 'name'>): string {
  return `${kind === 'folder' ? 0 : 1}${name.toLowerCase()}`;
}
