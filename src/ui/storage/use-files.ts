'use client';
/** The entries of a folder, page after page, and the changes one makes to them. */
import { useMemo } from 'react';
import type { StorageId } from '../../domain/ids.ts';
import { trpc } from '../trpc-client.tsx';
import { isComplete, listEntries } from './file-list.ts';
import type { FileEntry } from './file-paths.ts';

const PAGE_SIZE = 1000;
/** With more pages than these in view, looking back at the window does not read all of them again. */
const REREAD_PAGES = 3;

export function useFolder(id: StorageId, folder: string) {
  const query = trpc.storages.files.useInfiniteQuery(
    { id, folder, pageSize: PAGE_SIZE },
    {
      getNextPageParam: (page) => page.next,
      staleTime: 5000,
      refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 0) <= REREAD_PAGES,
    },
  );
  const pages = query.data?.pages;
  const entries = useMemo(() => listEntries(pages ?? []), [pages]);
  return { query, entries, complete: isComplete(pages ?? []) };
}

export interface FileActions {
  createFolder: (path: string) => Promise<void>;
  move: (from: string, to: string) => Promise<void>;
  /** Answers how many files are gone. */
  remove: (keys: readonly string[]) => Promise<number>;
  refresh: () => Promise<void>;
}

/** What one call may delete at most. */
const DELETE_AT_ONCE = 1000;

/** Each rejects with the server's reason; the folder is read again either way, since a part may have been done. */
export function useFileActions(id: StorageId): FileActions {
  const utils = trpc.useUtils();
  return useMemo(() => {
    const { client } = utils;
    const refresh = () => utils.storages.files.invalidate({ id });
    const thenRefresh = async <Result>(work: Promise<Result>): Promise<Result> => {
      try {
        return await work;
      } finally {
        await refresh();
      }
    };
    async function removeAll(keys: readonly string[]): Promise<number> {
      let deleted = 0;
      for (let at = 0; at < keys.length; at += DELETE_AT_ONCE) {
        const part = await client.storages.deleteFiles.mutate({ id, keys: keys.slice(at, at + DELETE_AT_ONCE) });
        deleted += part.deleted;
      }
      return deleted;
    }
    return {
      refresh,
      createFolder: (path) => thenRefresh(client.storages.createFolder.mutate({ id, path })),
      move: (from, to) => thenRefresh(client.storages.move.mutate({ id, from, to }).then(() => undefined)),
      remove: (keys) => thenRefresh(removeAll(keys)),
    };
  }, [utils, id]);
}

export function entriesOf(entries: readonly FileEntry[], keys: ReadonlySet<string>): FileEntry[] {
  return entries.filter(({ key }) => keys.has(key));
}
