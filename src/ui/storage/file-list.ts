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
 * Folders first, as people read names, when all of the folder is known. Otherwise the order of the bucket, in which pages continue one another, so
 * that nothing moves when the next page arrives.
 */
export function listEntries(pages: readonly FilePage[]): FileEntry[] {
  if (!isComplete(pages)) return pages.flatMap(({ entries }) => [...entries].sort((a, b) => compareUtf8(a.key, b.key)));
  return pages
    .flatMap(({ entries }) => entries)
    .sort((a, b) => Number(a.kind === 'file') - Number(b.kind === 'file') || names.compare(a.name, b.name));
}

/** As people read: `run 2` before `run 10`, capitals beside small letters. */
const names = new Intl.Collator('en', { numeric: true });

/** Text to sort by name with folders before files. */
export function nameOrder({ kind, name }: Pick<FileEntry, 'kind' | 'name'>): string {
  return `${kind === 'folder' ? 0 : 1}${name.toLowerCase()}`;
}
