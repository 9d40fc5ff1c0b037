'use client';
/** How much a storage holds, how that grew, and where it lies. */
import { type ReactNode, useEffect, useMemo } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Card } from '../primitives/card.tsx';
import { Chip } from '../primitives/chip.tsx';
import { useNow } from '../primitives/clock.ts';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { Time } from '../primitives/time.tsx';
import { trpc } from '../trpc-client.tsx';
import { useUrlState } from '../url-state.ts';
import type { Storage } from './storage.ts';
import { UsageChart } from './usage-chart.tsx';
import { UsageDays } from './usage-days.tsx';
import { UsageFolders } from './usage-folders.tsx';
import { TREND_DAYS, type Usage, type UsageMeasure, usageTrend } from './usage-trend.ts';

export function UsageTab({ storage }: { storage: Storage }) {
  const t = useT();
  const { id, measuredAt } = storage;
  const query = trpc.storages.usage.useQuery({ id, days: TREND_DAYS });
  const { data, refetch } = query;
  // The live stream tells of a storage that was measured anew, not of its trend.
  const stale = data !== undefined && data.measuredAt !== measuredAt;
  useEffect(() => {
    if (stale) void refetch();
  }, [stale, refetch]);
  if (query.isError && !data) {
    return <FailedQuery error={query.error} what={t('storages.usage.failedWhat')} onRetry={() => void refetch()} />;
  }
  if (!data) {
    return (
      <Loading className="flex flex-col gap-4">
        <Skeleton className="h-20 rounded-lg" />
        <Skeleton className="h-96 rounded-lg" />
      </Loading>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <Figures usage={data} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <TrendCard usage={data} />
        <UsageFolders storageId={id} usage={data} />
      </div>
    </div>
  );
}

function Figures({ usage }: { usage: Usage }) {
  const t = useT();
  const format = useFormat();
  const { sizeBytes, objects, storageClass, measuredAt } = usage;
  if (measuredAt === null) {
    return (
      <Card>
        <p className="font-medium">{t('storages.usage.never')}</p>
        <p className="text-ink-2">{t('storages.usage.neverText')}</p>
      </Card>
    );
  }
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:auto-cols-fr sm:grid-flow-col">
      {sizeBytes === null ? null : <Figure name={t('storages.usage.size')}>{format.bytes(sizeBytes)}</Figure>}
      {objects === null ? null : <Figure name={t('storages.usage.files')}>{format.number(objects)}</Figure>}
      {storageClass ? <Figure name={t('storages.usage.class')}>{storageClass}</Figure> : null}
      <Figure name={t('storages.usage.measured')}>
        <Time at={measuredAt} as="short" />
      </Figure>
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0 grow bg-surface px-4 py-3">
      <dt className="text-ink-2 text-sm">{name}</dt>
      <dd className="nums mt-0.5 truncate font-semibold text-xl">{children}</dd>
    </div>
  );
}

const HOUR_MS = 3_600_000;

function TrendCard({ usage }: { usage: Usage }) {
  const t = useT();
  const format = useFormat();
  const { get, set } = useUrlState();
  const measure: UsageMeasure = get('of') === 'files' ? 'files' : 'size';
  const today = new Date(useNow(HOUR_MS)).toISOString().slice(0, 10);
  const trend = useMemo(
    () => usageTrend(usage.samples, { measure, today, days: TREND_DAYS }),
    [usage.samples, measure, today],
  );
  const say = (value: number) => (measure === 'size' ? format.bytes(value) : format.number(value));
  return (
    <Card
      title={t('storages.usage.trend', { days: TREND_DAYS })}
      actions={
        trend.points.length === 0 ? null : (
          <>
            <Chip selected={measure === 'size'} onToggle={() => set({ of: null })}>
              {t('storages.usage.size')}
            </Chip>
            <Chip selected={measure === 'files'} onToggle={() => set({ of: 'files' })}>
              {t('storages.usage.files')}
            </Chip>
          </>
        )
      }
    >
      {trend.points.length === 0 ? (
        <p className="text-ink-2">{t('storages.usage.trendNone')}</p>
      ) : (
        <>
          <UsageChart trend={trend} today={today} days={TREND_DAYS} say={say} />
          <UsageDays samples={usage.samples} />
        </>
      )}
    </Card>
  );
}
