'use client';
/** Files below a folder that are gone but kept, page after page; the server looks a while at a time. */
import { useEffect, useMemo } from 'react';
import type { StorageId } from '../../domain/ids.ts';
import { trpc } from '../trpc-client.tsx';
import type { DeletedFile } from './kept-files.ts';

/** It looks on by itself up to here, then when the end of the list is reached. */
const ENOUGH = 200;

export interface DeletedList {
  entries: DeletedFile[];
  /** There may be more than is shown. */
  more: boolean;
  reading: boolean;
  error: unknown;
  readMore: () => void;
  again: () => void;
}

export function useDeleted(id: StorageId, folder: string, enabled: boolean): DeletedList {
  const query = trpc.files.deleted.useInfiniteQuery(
    { id, folder },
    { enabled, getNextPageParam: (page) => page.next, staleTime: 0 },
  );
  const { data, hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  const entries = useMemo(() => data?.pages.flatMap((page) => page.entries) ?? [], [data]);
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && entries.length < ENOUGH) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, entries.length, fetchNextPage]);
  return {
    entries,
    more: hasNextPage,
    reading: isFetching || !data,
    error: query.error,
    readMore: () => {
      if (hasNextPage && !isFetching) void fetchNextPage();
    },
    again: () => void refetch(),
  };
}
