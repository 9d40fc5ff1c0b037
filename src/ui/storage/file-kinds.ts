/** What a file is by its name: its icon and whether it can be previewed. Pure. */
export type FileKind = 'image' | 'text' | 'table' | 'notebook' | 'code' | 'archive' | 'data' | 'other';

const KINDS: Readonly<Record<Exclude<FileKind, 'other'>, readonly string[]>> = {
  image: ['png', 'jpg', 'jpeg', 'gif', 'webp', 'avif', 'bmp'],
  text: ['txt', 'md', 'markdown', 'rst', 'log', 'ini', 'cfg', 'conf', 'toml', 'env', 'svg', 'bib', 'tex'],
  table: ['csv', 'tsv'],
  notebook: ['ipynb'],
  code: [
    'py',
    'r',
    'jl',
    'js',
    'ts',
    'json',
    'yaml',
    'yml',
    'xml',
    'html',
    'css',
    'sh',
    'c',
    'h',
    'cpp',
    'f90',
    'sql',
    'go',
    'rs',
  ],
  archive: ['zip', 'tar', 'gz', 'tgz', 'bz2', 'xz', 'zst', '7z'],
  data: [
    'fits',
    'fit',
    'fts',
    'hdf5',
    'h5',
    'npy',
    'npz',
    'parquet',
    'nc',
    'pkl',
    'root',
    'bin',
    'so',
    'o',
    'pdf',
    'mp4',
    'webm',
    'mp3',
  ],
};

/** `"a.TXT" → "txt"`; empty without one. */
export function extensionOf(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  return dot > 0 ? base.slice(dot + 1).toLowerCase() : '';
}

export function fileKind(name: string): FileKind {
  const extension = extensionOf(name);
  const found = Object.entries(KINDS).find(([, extensions]) => extensions.includes(extension));
  return (found?.[0] as FileKind | undefined) ?? 'other';
}

export type PreviewKind = 'image' | 'fits' | 'pdf' | 'notebook' | 'markdown' | 'table' | 'text';

/** How a file can be shown; null: nothing to see for sure. Files of unknown kind may well be text. */
export function previewOf(name: string): PreviewKind | null {
  const kind = fileKind(name);
  if (kind === 'image' || kind === 'notebook' || kind === 'table') return kind;
  const extension = extensionOf(name);
  if (extension === 'md' || extension === 'markdown') return 'markdown';
  if (extension === 'pdf') return 'pdf';
  if (['fits', 'fit', 'fts'].includes(extension)) return 'fits';
  return kind === 'archive' || kind === 'data' ? null : 'text';
}

/** Text has no NUL and, read as UTF-8, next to no broken characters. */
export function looksLikeText(text: string): boolean {
  const sample = text.slice(0, 4096);
  if (sample.includes('\0')) return false;
  const broken = sample.split('\ufffd').length - 1;
  return broken <= sample.length / 100;
}
