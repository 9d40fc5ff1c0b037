'use client';
/** What of a storage is shown, kept in the address: the folder, a search in it, what was deleted, the file previewed. */
import { useCallback } from 'react';
import { useUrlState, useUrlText } from '../url-state.ts';
import { type FileEntry, readFolder } from './file-paths.ts';

export interface FileView {
  /** Empty or ending in a slash. */
  folder: string;
  /** Key of the previewed file. */
  previewed: string | null;
  deleted: boolean;
  /** What stands in the search field, and what is searched; '' = nothing. */
  searchText: string;
  search: string;
  setSearch: (text: string) => void;
  go: (folder: string) => void;
  open: (entry: FileEntry) => void;
  showDeleted: (shown: boolean) => void;
  /** The previewed file has another name now, or none is previewed any more. */
  preview: (name: string | null) => void;
  hrefOf: (entry: FileEntry) => string;
  folderHref: (folder: string) => string;
}

const SEARCH_ENDS = ['file'];

export function useFileView(): FileView {
  const url = useUrlState();
  const [searchText, setSearch] = useUrlText('q', SEARCH_ENDS);
  const folder = readFolder(url.get('path'));
  const file = url.get('file');
  const previewing = file !== null;
  const go = useCallback(
    (next: string) => {
      setSearch('');
      url.set(inFolder(next), 'push');
    },
    [url, setSearch],
  );
  const open = useCallback(
    (entry: FileEntry) => {
      if (entry.kind === 'folder') go(entry.key);
      else url.set({ file: entry.key.slice(folder.length) }, previewing ? 'replace' : 'push');
    },
    [url, go, folder, previewing],
  );
  const hrefOf = useCallback(
    (entry: FileEntry) =>
      url.href(entry.kind === 'folder' ? inFolder(entry.key) : { file: entry.key.slice(folder.length) }),
    [url, folder],
  );
  const preview = useCallback((name: string | null) => url.set({ file: name }), [url]);
  return {
    folder,
    previewed: file === null ? null : folder + file,
    deleted: url.get('show') === 'deleted',
    searchText,
    search: searchText.trim(),
    setSearch,
    go,
    open,
    showDeleted: (shown) => {
      setSearch('');
      url.set({ show: shown ? 'deleted' : null, file: null, q: null }, 'push');
    },
    preview,
    hrefOf,
    folderHref: (next) => url.href(inFolder(next)),
  };
}

const inFolder = (path: string) => ({ path, file: null, q: null, show: null });
