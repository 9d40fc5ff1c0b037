'use client';
/** The log behind the database, at a glance: is everything stored, how far behind is the store, who leads, what to do. */
import { Database } from 'lucide-react';
import { FailedQuery } from '../../failed-query.tsx';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Card } from '../../primitives/card.tsx';
import { EmptyState } from '../../primitives/empty-state.tsx';
import { Loading, Skeleton } from '../../primitives/skeleton.tsx';
import { Page } from '../../shell/page.tsx';
import { CommandsCard } from './commands-card.tsx';
import type { DatabaseLog } from './database-log.ts';
import { LagChart } from './lag-chart.tsx';
import type { LagSample } from './lag-history.ts';
import { LogCard } from './log-card.tsx';
import { LogFigures } from './log-figures.tsx';
import { LogState } from './log-state.tsx';
import { ServersCard } from './servers-card.tsx';
import { SnapshotButton } from './snapshot-button.tsx';
import { StoreCard } from './store-card.tsx';
import { useDatabaseLog } from './use-database-log.ts';

export function DatabaseScreen() {
  const t = useT();
  const format = useFormat();
  const { status, samples } = useDatabaseLog();
  const { data, error, isError, dataUpdatedAt } = status;
  return (
    <Page
      title={t('adminDatabase.title')}
      description={t('adminDatabase.description')}
      actions={data?.log === null ? null : <SnapshotButton />}
    >
      {data && isError ? (
        <p role="status" className="mb-4 rounded-md border border-line bg-warning-soft px-3 py-2 text-warning">
          {t('adminDatabase.stale', { time: format.clock(dataUpdatedAt) })}
        </p>
      ) : null}
      {data?.log ? (
        <Log log={data.log} samples={samples} />
      ) : data ? (
        <Card>
          <EmptyState icon={<Database />} title={t('adminDatabase.none.title')}>
            {t('adminDatabase.none.text')}
          </EmptyState>
        </Card>
      ) : isError ? (
        <FailedQuery error={error} what={t('adminDatabase.failedWhat')} onRetry={() => void status.refetch()} />
      ) : (
        <Loading className="flex flex-col gap-4">
          <Skeleton className="h-[246px] rounded-lg lg:h-[150px]" />
          <Skeleton className="h-[200px] rounded-lg lg:h-[100px]" />
        </Loading>
      )}
    </Page>
  );
}

function Log({ log, samples }: { log: DatabaseLog; samples: readonly LagSample[] }) {
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-4 lg:grid-cols-2">
        <Card>
          <LogState log={log} />
        </Card>
        <Card className="flex flex-col *:flex *:flex-1 *:flex-col">
          <LagChart samples={samples} ageMs={log.undurableAgeMs} />
        </Card>
      </div>
      <LogFigures log={log} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <LogCard log={log} />
          <StoreCard log={log} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <ServersCard log={log} />
          <CommandsCard log={log} />
        </div>
      </div>
    </div>
  );
}
