'use client';
/** What runs, what ran lately, what can be launched, and what is left of one's limits. */
import { SquareTerminal } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { ApplicationGridSkeleton } from '../catalog/application-grid.tsx';
import { EnvironmentCard } from '../environments/environment-card.tsx';
import { LIVE_PHASES } from '../environments/environment-state.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { usePreload } from '../preload.ts';
import { Card } from '../primitives/card.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { LinkButton } from '../primitives/link-button.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { UsageBars } from '../settings/usage-bars.tsx';
import { Page } from '../shell/page.tsx';
import { trpc } from '../trpc-client.tsx';
import { RecentList } from './recent-list.tsx';

// What is launched from comes after what runs: its code is read while the data is.
const loadFirst = () => import('./first-launch.tsx');
const loadRow = () => import('./launch-row.tsx');
const FirstLaunch = dynamic(async () => (await loadFirst()).FirstLaunch, { ssr: false });
const LaunchRow = dynamic(async () => (await loadRow()).LaunchRow, {
  ssr: false,
  loading: () => <ApplicationGridSkeleton count={3} />,
});

const RECENT = 5;
export const CARDS = 'grid gap-4 sm:grid-cols-2 xl:grid-cols-3';

export function HomeScreen() {
  const t = useT();
  usePreload(loadFirst);
  usePreload(loadRow);
  const { data: me } = trpc.profile.me.useQuery();
  const running = trpc.environments.list.useQuery({ phases: [...LIVE_PHASES], limit: 50 });
  const recent = trpc.environments.list.useQuery({ phases: ['stopped', 'failed'], limit: RECENT });
  const title = t('home.title', { name: me?.name ?? '' });
  const failed = [running, recent].find((query) => query.isError && !query.data);
  if (failed) {
    return (
      <Page title={title}>
        <FailedQuery error={failed.error} what={t('home.failedWhat')} onRetry={() => void failed.refetch()} />
      </Page>
    );
  }
  if (!running.data || !recent.data) {
    return (
      <Page title={title}>
        <Loading className={CARDS}>
          <Skeleton className="h-[170px] rounded-lg" />
          <Skeleton className="h-[170px] rounded-lg max-sm:hidden" />
          <Skeleton className="h-[170px] rounded-lg max-xl:hidden" />
        </Loading>
      </Page>
    );
  }
  const live = running.data.environments;
  const past = recent.data.environments;
  if (live.length === 0 && past.length === 0)
    return (
      <Page title={title}>
        <FirstLaunch />
      </Page>
    );
  return (
    <Page title={title}>
      <div className="flex flex-col gap-8">
        <Part title={t('home.running')} href="/environments" link={t('home.allEnvironments')}>
          {live.length === 0 ? (
            <NothingRuns />
          ) : (
            <ul className={CARDS}>
              {live.map((environment) => (
                <EnvironmentCard main key={environment.id} environment={environment} />
              ))}
            </ul>
          )}
        </Part>
        {past.length > 0 ? (
          <Part title={t('home.recent')}>
            <RecentList environments={past} />
          </Part>
        ) : null}
        <Part title={t('home.launch')} href="/catalog" link={t('home.allApplications')}>
          <LaunchRow />
        </Part>
        <Usage />
      </div>
    </Page>
  );
}

interface PartProps {
  title: string;
  href?: string;
  link?: string;
  children: ReactNode;
}

function Part({ title, href, link, children }: PartProps) {
  return (
    <section>
      <div className="mb-3 flex items-baseline justify-between gap-4">
        <h2 className="font-semibold text-lg">{title}</h2>
        {href ? (
          <Link
            href={href}
            className="rounded-sm text-accent-ink pointer-coarse:-my-3 pointer-coarse:py-3 hover:underline"
          >
            {link}
          </Link>
        ) : null}
      </div>
      {children}
    </section>
  );
}

function NothingRuns() {
  const t = useT();
  return (
    <div className="rounded-lg border border-line bg-surface">
      <EmptyState
        icon={<SquareTerminal aria-hidden />}
        title={t('home.nothing.title')}
        action={
          <LinkButton look="primary" href="/catalog">
            {t('home.new.title')}
          </LinkButton>
        }
      >
        {t('home.nothing.text')}
      </EmptyState>
    </div>
  );
}

function Usage() {
  const t = useT();
  const { data } = trpc.profile.limits.useQuery();
  return (
    <Card title={t('home.usage')}>
      {data ? <UsageBars allowed={data} /> : <Skeleton className="h-[34px] max-sm:h-[134px]" />}
    </Card>
  );
}
