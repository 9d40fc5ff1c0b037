/** The icon of a file or folder. */
import {
  Archive,
  Binary,
  Braces,
  File,
  FileImage,
  FileText,
  Folder,
  type LucideIcon,
  NotebookText,
  Table2,
} from 'lucide-react';
import { cx } from '../primitives/class-names.ts';
import { type FileKind, fileKind } from './file-kinds.ts';

const ICONS: Readonly<Record<FileKind, LucideIcon>> = {
  image: FileImage,
  text: FileText,
  table: Table2,
  notebook: NotebookText,
  code: Braces,
  archive: Archive,
  data: Binary,
  other: File,
};

export function FileIcon({ kind, name }: { kind: 'file' | 'folder'; name: string }) {
  const Icon = kind === 'folder' ? Folder : ICONS[fileKind(name)];
  return (
    <Icon className={cx('icon', kind === 'folder' ? 'fill-accent-soft text-accent-ink' : 'text-ink-3')} aria-hidden />
  );
}
