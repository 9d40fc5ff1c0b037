'use client';
/** The trend of a storage's size, as small as a word. */
import { useMemo } from 'react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { useNow } from '../primitives/clock.ts';
import { Sparkline } from '../primitives/sparkline.tsx';
import { trpc } from '../trpc-client.tsx';
import type { Storage } from './storage.ts';
import { dailyValues, TREND_DAYS } from './usage-trend.ts';

const HOUR_MS = 3_600_000;
const HEIGHT = 20;

export function StorageTrend({ storage }: { storage: Storage }) {
  const t = useT();
  const format = useFormat();
  const { data } = trpc.storages.usage.useQuery({ id: storage.id, days: TREND_DAYS });
  const today = new Date(useNow(HOUR_MS)).toISOString().slice(0, 10);
  const values = useMemo(() => dailyValues(data?.samples ?? [], { today, days: TREND_DAYS }), [data, today]);
  // One day is no trend, only a dot. Its place is kept: what is beside it must not move when it comes.
  if (storage.sizeBytes === null || values.filter((value) => value !== null).length < 2) {
    return <span aria-hidden className="inline-block align-middle" style={{ height: HEIGHT }} />;
  }
  return (
    <Sparkline
      values={values}
      height={HEIGHT}
      className="inline-block align-middle"
      label={t('storages.trend.label', { days: TREND_DAYS, size: format.bytes(storage.sizeBytes) })}
    />
  );
}
