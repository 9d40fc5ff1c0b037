'use client';
/** The launch form at its own address: a dialog above the catalog, on phones a page. */
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { usePreload } from '../preload.ts';
import { useHydrated } from '../primitives/clock.ts';
import { Dialog } from '../primitives/dialog.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { LinkButton } from '../primitives/link-button.tsx';
import { FROM_SM, useMediaQuery } from '../primitives/media.ts';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { usePageCrumbs } from '../shell/crumbs.tsx';
import { Page } from '../shell/page.tsx';
import { trpc } from '../trpc-client.tsx';
import { useUrlState } from '../url-state.ts';

const loadForm = () => import('./launch-form.tsx');
const LaunchForm = dynamic(async () => (await loadForm()).LaunchForm, { ssr: false, loading: () => <Placeholder /> });

export function LaunchScreen() {
  const t = useT();
  const { get } = useUrlState();
  const slug = get('app') ?? '';
  usePreload(loadForm);
  usePageCrumbs([{ label: t('launch.page') }]);
  const { data } = trpc.applications.list.useQuery();
  const application = data?.find((one) => one.slug === slug);
  return (
    <Frame title={application ? t('launch.title', { name: application.name }) : t('launch.page')}>
      <Content slug={slug} from={get('from')} />
    </Frame>
  );
}

function Content({ slug, from }: { slug: string; from: string | null }) {
  const t = useT();
  const applications = trpc.applications.list.useQuery();
  const limits = trpc.profile.limits.useQuery();
  const storages = trpc.storages.list.useQuery();
  const names = trpc.environments.list.useQuery({ limit: 200 });
  const like = trpc.environments.get.useQuery({ id: from ?? '' }, { enabled: from !== null, retry: false });
  const failed = [applications, limits, storages, names].find((query) => query.isError);
  if (failed)
    return <FailedQuery error={failed.error} what={t('catalog.failedWhat')} onRetry={() => void failed.refetch()} />;
  const waiting = from !== null && like.isPending;
  if (!applications.data || !limits.data || !storages.data || !names.data || waiting) return <Placeholder />;
  const application = applications.data.find((one) => one.slug === slug);
  if (!application) {
    return (
      <ErrorState
        what={t('launch.notThere.what')}
        why={t('launch.notThere.why', { slug })}
        actions={<LinkButton href="/catalog">{t('launch.notThere.action')}</LinkButton>}
      />
    );
  }
  return (
    <LaunchForm
      key={`${application.id}.${from}`}
      application={application}
      allowance={limits.data}
      storages={storages.data}
      taken={names.data.environments.map(({ name }) => name)}
      like={like.data ?? null}
    />
  );
}

function Frame({ title, children }: { title: string; children: ReactNode }) {
  const router = useRouter();
  const wide = useMediaQuery(FROM_SM);
  const hydrated = useHydrated();
  // Which of the two it is, only the browser knows.
  if (!hydrated) return null;
  if (!wide) return <Page title={title}>{children}</Page>;
  return (
    <Dialog open size="lg" title={title} onOpenChange={() => router.push('/catalog')}>
      {children}
    </Dialog>
  );
}

function Placeholder() {
  return (
    <Loading className="flex min-h-96 flex-col gap-6">
      <Skeleton className="h-14" />
      <Skeleton className="h-32" />
      <Skeleton className="h-24" />
    </Loading>
  );
}
