'use client';
/** What each tier allows, and which one newcomers get. */
import type { Tier } from '../../../domain/quota.ts';
import { FailedQuery } from '../../failed-query.tsx';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { Card } from '../../primitives/card.tsx';
import { Loading, Skeleton } from '../../primitives/skeleton.tsx';
import { trpc } from '../../trpc-client.tsx';
import type { Newcomers } from './tiers.ts';
import { TiersTable } from './tiers-table.tsx';
import { ValueSource } from './value-source.tsx';

interface TiersCardProps {
  onEdit: (tier: Tier) => void;
  onNewcomers: () => void;
}

export function TiersCard({ onEdit, onNewcomers }: TiersCardProps) {
  const t = useT();
  const tiers = trpc.admin.tiers.list.useQuery();
  return (
    <Card flush title={t('adminSettings.tiers')}>
      <p className="px-4 pb-3 text-ink-2 text-sm">{t('adminSettings.tiers.text')}</p>
      {tiers.data ? (
        <>
          <TiersTable tiers={tiers.data.tiers} onEdit={onEdit} />
          <NewcomersRow newcomers={tiers.data.newcomers} onChange={onNewcomers} />
        </>
      ) : tiers.isError ? (
        <div className="p-4 pt-1">
          <FailedQuery
            error={tiers.error}
            what={t('adminSettings.tiers.failedWhat')}
            onRetry={() => void tiers.refetch()}
          />
        </div>
      ) : (
        <Loading className="p-4 pt-1">
          <Skeleton className="h-[1056px] md:h-[309px]" />
        </Loading>
      )}
    </Card>
  );
}

function NewcomersRow({ newcomers, onChange }: { newcomers: Newcomers; onChange: () => void }) {
  const t = useT();
  return (
    <div className="flex items-start justify-between gap-3 border-line border-t px-4 py-3">
      <div className="min-w-0">
        <p>
          <span className="text-ink-2">{t('adminSettings.newcomers')}</span>{' '}
          <span className="font-medium">{t(`settings.tier.${newcomers.tier}`)}</span>
        </p>
        <ValueSource source={newcomers.source} />
      </div>
      <Button size="sm" aria-label={t('adminSettings.newcomers.changeNamed')} onClick={onChange}>
        {t('adminSettings.newcomers.change')}
      </Button>
    </div>
  );
}
