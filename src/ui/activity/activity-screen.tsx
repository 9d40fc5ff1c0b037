'use client';
/** What happened to one's own things, and who did it. New entries come by the live stream. */
import { History, SearchX } from 'lucide-react';
import { useState } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { LinkButton } from '../primitives/link-button.tsx';
import { Page } from '../shell/page.tsx';
import { trpc } from '../trpc-client.tsx';
import { useUrlState } from '../url-state.ts';
import { ActivityList, ActivityPlaceholder } from './activity-list.tsx';
import { ExportMenu } from './export-menu.tsx';
import { readAction, readRange, readResult, sinceOf } from './trail.ts';
import { KindFilter, RangeFilter, ResultFilter } from './trail-filters.tsx';
import { type Trail, useActivity } from './use-trail.ts';

const NO_FILTERS = { action: null, result: null, range: null };

export function ActivityScreen() {
  const t = useT();
  const { get, set } = useUrlState();
  const [now] = useState(() => Date.now());
  const filter = { action: readAction(get), result: readResult(get), since: sinceOf(readRange(get), now) };
  const restricted = Object.values(filter).some((value) => value !== undefined);
  const trail = useActivity(filter);
  const viewer = trpc.profile.me.useQuery().data?.id;
  return (
    <Page
      title={t('activity.title')}
      description={t('activity.description')}
      actions={<ExportMenu path="/api/activity/export" filter={filter} />}
    >
      <div className="flex flex-col gap-4">
        <div className="grid grid-cols-1 gap-2 sm:flex sm:flex-wrap">
          <KindFilter />
          <ResultFilter />
          <RangeFilter />
        </div>
        {trail.error ? (
          <FailedQuery error={trail.error} what={t('activity.failedWhat')} onRetry={trail.again} />
        ) : trail.pending ? (
          <ActivityPlaceholder />
        ) : trail.entries.length > 0 || trail.more ? (
          <>
            <ActivityList entries={trail.entries} viewer={viewer} />
            <Older trail={trail} />
          </>
        ) : restricted ? (
          <NoMatch onClear={() => set(NO_FILTERS)} />
        ) : (
          <NothingYet />
        )}
      </div>
    </Page>
  );
}

/** The end of what is shown: the way further back, or that there is none. */
export function Older({ trail }: { trail: Trail }) {
  const t = useT();
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-3 text-ink-3 text-sm">
      {trail.more ? (
        <>
          <Button busy={trail.reading} onClick={trail.readMore}>
            {t('activity.older')}
          </Button>
          {trail.entries.length === 0 ? t('activity.soFar') : null}
        </>
      ) : (
        t('activity.end')
      )}
    </div>
  );
}

export function NoMatch({ onClear }: { onClear: () => void }) {
  const t = useT();
  return (
    <EmptyState
      icon={<SearchX aria-hidden />}
      title={t('activity.none.title')}
      action={<Button onClick={onClear}>{t('activity.none.action')}</Button>}
    >
      {t('activity.none.text')}
    </EmptyState>
  );
}

function NothingYet() {
  const t = useT();
  return (
    <EmptyState
      icon={<History aria-hidden />}
      title={t('activity.empty.title')}
      action={
        <LinkButton href="/catalog" look="primary">
          {t('activity.empty.action')}
        </LinkButton>
      }
    >
      {t('activity.empty.text')}
    </EmptyState>
  );
}
