/** What the file manager asks about before it does it, or shows of one file beside its list. */
import type { FileEntry } from './file-paths.ts';

export type FileQuestion =
  | { kind: 'folder' }
  | { kind: 'rename' | 'versions'; entry: FileEntry }
  | { kind: 'move' | 'copy' | 'delete'; entries: FileEntry[] };

/** Whether an answer may take the file of this key away from where it is. */
export function movesAway(question: FileQuestion, key: string | null): boolean {
  if (question.kind === 'rename') return question.entry.key === key;
  return (
    (question.kind === 'move' || question.kind === 'delete') && question.entries.some((entry) => entry.key === key)
  );
}
