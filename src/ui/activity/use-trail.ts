'use client';
/** Entries page after page. The server passes over a bounded number at a time, so pages may come short: some are read on at once. */
import { keepPreviousData } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { trpc } from '../trpc-client.tsx';
import type { Entry } from './trail.ts';

const PAGE = 50;
/** Found entries that fill a screen: up to here it reads on by itself. */
const ENOUGH = 20;
/** Pages that are read without anybody asking; each costs the server some milliseconds. */
const MOST_PAGES = 20;

type ActivityRequest = NonNullable<Parameters<typeof trpc.activity.list.useInfiniteQuery>[0]>;
type AuditRequest = NonNullable<Parameters<typeof trpc.admin.audit.list.useInfiniteQuery>[0]>;

export interface Trail {
  entries: readonly Entry[];
  /** Nothing is known yet: not even whether there is anything. */
  pending: boolean;
  more: boolean;
  reading: boolean;
  error: unknown;
  readMore: () => void;
  again: () => void;
}

interface Page {
  entries: readonly Entry[];
  next: number | null;
}

interface Pages {
  data: { pages: readonly Page[] } | undefined;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isPlaceholderData: boolean;
  isFetchNextPageError: boolean;
  error: unknown;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

const PAGING = { getNextPageParam: ({ next }: Page) => next, placeholderData: keepPreviousData };

/** One's own; new entries come by the live stream. */
export function useActivity(filter: Omit<ActivityRequest, 'limit'>): Trail {
  return useTrail(trpc.activity.list.useInfiniteQuery({ ...filter, limit: PAGE }, PAGING));
}

/** Everybody's. No stream carries it; it is asked for anew while the page is looked at. */
export function useAudit(filter: Omit<AuditRequest, 'limit'>): Trail {
  return useTrail(
    trpc.admin.audit.list.useInfiniteQuery({ ...filter, limit: PAGE }, { ...PAGING, refetchInterval: REFRESH_MS }),
  );
}

const REFRESH_MS = 15_000;

function useTrail(query: Pages): Trail {
  const { data, hasNextPage, isFetchingNextPage, isPlaceholderData, isFetchNextPageError } = query;
  const entries = useMemo(() => data?.pages.flatMap((page) => page.entries) ?? [], [data]);
  const pages = data?.pages.length ?? 0;
  const readMore = () => {
    if (hasNextPage && !isFetchingNextPage && !isPlaceholderData) void query.fetchNextPage();
  };
  const readsOn = hasNextPage && entries.length < ENOUGH && pages < MOST_PAGES && !isFetchNextPageError;
  useEffect(() => {
    if (readsOn) readMore();
  });
  return {
    entries,
    pending: query.isPending || (readsOn && entries.length === 0),
    more: hasNextPage,
    reading: isFetchingNextPage,
    error: data ? null : query.error,
    readMore,
    again: () => void query.refetch(),
  };
}
