'use client';
/** One environment: its header with what can be done, and its parts as tabs. */
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import type { EnvironmentId } from '../../domain/ids.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { LinkButton } from '../primitives/link-button.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { Tabs } from '../primitives/tabs.tsx';
import { usePageCrumbs } from '../shell/crumbs.tsx';
import { shownError, trpc } from '../trpc-client.tsx';
import { useUrlState } from '../url-state.ts';
import type { EnvironmentDetail } from './environment.ts';
import { EnvironmentHeader } from './environment-header.tsx';
import { canOpen, isLaunching } from './environment-state.ts';
import { OverviewTab } from './overview-tab.tsx';

const LogsTab = dynamic(async () => (await import('./logs-tab.tsx')).LogsTab, { ssr: false });
const EventsTab = dynamic(async () => (await import('./events-tab.tsx')).EventsTab, { ssr: false });
const SettingsTab = dynamic(async () => (await import('./settings-tab.tsx')).SettingsTab, { ssr: false });

const TABS = ['overview', 'logs', 'events', 'settings'] as const;

export function EnvironmentScreen({ id }: { id: string }) {
  const t = useT();
  const query = trpc.environments.get.useQuery({ id });
  const { data: environment, error } = query;
  usePageCrumbs(environment ? [{ label: environment.name }] : []);
  if (error && (!environment || shownError(error).code === 'not_found')) {
    return (
      <FailedQuery
        size="page"
        error={error}
        what={t('environments.one.failedWhat')}
        gone={t('environments.one.gone')}
        onRetry={() => void query.refetch()}
        actions={<LinkButton href="/environments">{t('environments.one.back')}</LinkButton>}
      />
    );
  }
  return (
    <div className="mx-auto w-full max-w-[1280px] px-4 pt-6 pb-6 md:px-6">
      {environment ? <Parts environment={environment} /> : <Placeholder />}
    </div>
  );
}

function Parts({ environment }: { environment: EnvironmentDetail }) {
  const t = useT();
  const router = useRouter();
  const { get, href } = useUrlState();
  const tab = TABS.find((known) => known === get('tab')) ?? 'overview';
  useOpenWhenReady(environment);
  const leave = () => router.push('/environments');
  return (
    <>
      <EnvironmentHeader environment={environment} onDeleted={leave} />
      <div className="mt-4 mb-5">
        <Tabs
          label={t('environments.tabs')}
          current={tab}
          tabs={TABS.map((one) => ({
            id: one,
            label: t(`environments.tab.${one}`),
            href: href({ tab: one === 'overview' ? null : one }),
          }))}
        />
      </div>
      {tab === 'overview' ? <OverviewTab environment={environment} /> : null}
      {tab === 'logs' ? (
        <LogsTab id={environment.id} generation={environment.generation} name={environment.name} />
      ) : null}
      {tab === 'events' ? <EventsTab id={environment.id as EnvironmentId} /> : null}
      {tab === 'settings' ? <SettingsTab environment={environment} onDeleted={leave} /> : null}
    </>
  );
}

/** Who stayed to wait (`wait=1`) gets the application in the page as soon as it is ready. */
function useOpenWhenReady(environment: EnvironmentDetail): void {
  const { get, set } = useUrlState();
  const waiting = get('wait') === '1';
  const ready = canOpen(environment);
  const over = !ready && !isLaunching(environment);
  useEffect(() => {
    if (!waiting) return;
    if (ready) set({ wait: null, embed: '1', tab: null });
    else if (over) set({ wait: null });
  }, [waiting, ready, over, set]);
}

function Placeholder() {
  return (
    <Loading>
      <div className="flex items-center gap-3">
        <Skeleton className="size-9 rounded-md" />
        <Skeleton className="h-7 w-56" />
      </div>
      <div className="mt-4 mb-5 h-10 border-line border-b" />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_320px]">
        <Skeleton className="h-44 rounded-lg" />
        <Skeleton className="h-80 rounded-lg" />
      </div>
    </Loading>
  );
}
