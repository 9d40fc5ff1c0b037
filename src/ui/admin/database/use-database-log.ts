'use client';
/** The log's state, asked for again and again while somebody looks, and how far it was behind meanwhile. */
import { useEffect, useState } from 'react';
import { ALONE, trpc } from '../../trpc-client.tsx';
import { type LagSample, remember } from './lag-history.ts';

/** No stream carries it: it changes with the clock, and must be seen while nothing else leaves the server. */
const LOOK_MS = 2_000;

export function useDatabaseLog() {
  const status = trpc.admin.database.status.useQuery(undefined, {
    refetchInterval: LOOK_MS,
    refetchOnMount: 'always',
    trpc: ALONE,
  });
  const { data, dataUpdatedAt } = status;
  const [samples, setSamples] = useState<readonly LagSample[]>([]);
  const ageMs = data?.log?.undurableAgeMs;
  useEffect(() => {
    if (ageMs !== undefined) setSamples((known) => remember(known, { at: dataUpdatedAt, ageMs }));
  }, [ageMs, dataUpdatedAt]);
  return { status, samples };
}
