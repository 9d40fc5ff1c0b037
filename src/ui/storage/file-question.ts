/** What the file manager asks about before it does it. */
import type { StorageId } from '../../domain/ids.ts';
import type { FileEntry } from './file-paths.ts';

export type FileQuestion =
  | { kind: 'folder' }
  | { kind: 'rename'; entry: FileEntry }
  | { kind: 'move' | 'delete'; entries: FileEntry[] };

export interface FileDialogsProps {
  storageId: StorageId;
  storageName: string;
  folder: string;
  question: FileQuestion;
  onClose: () => void;
  /** Something changed: the selection is over. */
  onDone: (renamedTo?: string) => void;
}

/** Whether what is asked about includes the file of this name. */
export function asksAbout(question: FileQuestion, name: string | null): boolean {
  if (question.kind === 'folder') return false;
  const entries = question.kind === 'rename' ? [question.entry] : question.entries;
  return entries.some((entry) => entry.name === name);
}
