'use client';
/** The entries of a folder, page after page, and what a search finds below it. */
import { useEffect, useMemo, useState } from 'react';
import type { StorageId } from '../../domain/ids.ts';
import { trpc } from '../trpc-client.tsx';
import { isComplete, listEntries } from './file-list.ts';
import type { FileEntry } from './file-paths.ts';

const PAGE_SIZE = 1000;
/** With more pages than these in view, looking back at the window does not read all of them again. */
const REREAD_PAGES = 3;

export interface FolderEntries {
  entries: FileEntry[];
  /** All of it came at once, so that it can be sorted here. */
  complete: boolean;
  /** The first page is not there yet. */
  pending: boolean;
  reading: boolean;
  more: boolean;
  error: unknown;
  readMore: () => void;
  again: () => void;
}

export function useFolder(id: StorageId, folder: string, enabled = true): FolderEntries {
  const query = trpc.files.list.useInfiniteQuery(
    { id, folder, pageSize: PAGE_SIZE },
    {
      enabled,
      getNextPageParam: (page) => page.next,
      staleTime: 5000,
      refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 0) <= REREAD_PAGES,
    },
  );
  const pages = query.data?.pages;
  const entries = useMemo(() => listEntries(pages ?? []), [pages]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  return useMemo(
    () => ({
      entries,
      complete: isComplete(pages ?? []),
      pending: query.isPending,
      reading: query.isFetching,
      more: hasNextPage,
      error: query.data ? null : query.error,
      readMore: () => {
        if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
      },
      again: () => void refetch(),
    }),
    [
      entries,
      pages,
      query.isPending,
      query.isFetching,
      query.data,
      query.error,
      hasNextPage,
      isFetchingNextPage,
      fetchNextPage,
      refetch,
    ],
  );
}

/** A search goes on by itself up to here, then when asked. */
const ENOUGH = 500;

interface FoundEntries extends FolderEntries {
  stop: () => void;
}

/** Files and folders below `folder` whose name holds the text; empty text = no search. The server looks a while at a time. */
export function useSearch(id: StorageId, folder: string, text: string): FoundEntries {
  const [stopped, setStopped] = useState(false);
  const query = trpc.files.search.useInfiniteQuery(
    { id, folder, query: text },
    { enabled: text !== '', getNextPageParam: (page) => page.next, staleTime: 30_000, refetchOnWindowFocus: false },
  );
  const { data, hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  const entries = useMemo(() => data?.pages.flatMap((page) => page.entries) ?? [], [data]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another search begins by itself
  useEffect(() => setStopped(false), [id, folder, text]);
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && !stopped && entries.length < ENOUGH) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, stopped, entries.length, fetchNextPage]);
  return {
    entries,
    complete: data !== undefined && !hasNextPage,
    pending: query.isPending,
    reading: isFetching,
    more: hasNextPage,
    error: query.error,
    readMore: () => {
      setStopped(false);
      if (hasNextPage && !isFetching) void fetchNextPage();
    },
    again: () => void refetch(),
    stop: () => setStopped(true),
  };
}

export function entriesOf(entries: readonly FileEntry[], keys: ReadonlySet<string>): FileEntry[] {
  return entries.filter(({ key }) => keys.has(key));
}
