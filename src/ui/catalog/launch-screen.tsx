'use client';
/** The launch form at its own address: a dialog above the catalog, on phones a page. */
import { useRouter } from 'next/navigation';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
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
import { LaunchFields } from './launch-fields.tsx';
import { LaunchSubmit } from './launch-submit.tsx';
import { type LaunchFormData, useLaunchForm } from './use-launch-form.ts';

const FORM_ID = 'launch';

export function LaunchScreen() {
  const t = useT();
  const { get } = useUrlState();
  const slug = get('app') ?? '';
  const from = get('from');
  usePageCrumbs([{ label: t('launch.page') }]);
  const applications = trpc.applications.list.useQuery();
  const limits = trpc.profile.limits.useQuery();
  const storages = trpc.storages.list.useQuery();
  const names = trpc.environments.list.useQuery({ limit: 200 });
  const like = trpc.environments.get.useQuery({ id: from ?? '' }, { enabled: from !== null, retry: false });

  const failed = [applications, limits, storages, names].find((query) => query.isError);
  if (failed) {
    return (
      <Frame title={t('launch.page')}>
        <FailedQuery error={failed.error} what={t('catalog.failedWhat')} onRetry={() => void failed.refetch()} />
      </Frame>
    );
  }
  const waiting = from !== null && like.isPending;
  if (!applications.data || !limits.data || !storages.data || !names.data || waiting) {
    return (
      <Frame title={t('launch.page')}>
        <Loading className="flex flex-col gap-5">
          <Skeleton className="h-14" />
          <Skeleton className="h-28" />
          <Skeleton className="h-28" />
        </Loading>
      </Frame>
    );
  }
  const application = applications.data.find((one) => one.slug === slug);
  if (!application) return <NotThere slug={slug} />;
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

function LaunchForm(data: LaunchFormData) {
  const t = useT();
  const form = useLaunchForm(data);
  return (
    <Frame
      title={t('launch.title', { name: data.application.name })}
      footer={<LaunchSubmit data={data} form={form} formId={FORM_ID} />}
    >
      <form
        id={FORM_ID}
        noValidate
        className="flex flex-col gap-6"
        onSubmit={(event) => {
          event.preventDefault();
          form.submit();
        }}
      >
        <LaunchFields data={data} form={form} />
      </form>
    </Frame>
  );
}

function Frame({ title, footer, children }: { title: string; footer?: React.ReactNode; children: React.ReactNode }) {
  const router = useRouter();
  const wide = useMediaQuery(FROM_SM);
  const hydrated = useHydrated();
  // Which of the two it is, only the browser knows.
  if (!hydrated) return null;
  if (wide) {
    return (
      <Dialog open size="lg" title={title} footer={footer} onOpenChange={() => router.push('/catalog')}>
        {children}
      </Dialog>
    );
  }
  return (
    <Page title={title}>
      {children}
      {footer ? <div className="mt-6 flex flex-col gap-2">{footer}</div> : null}
    </Page>
  );
}

function NotThere({ slug }: { slug: string }) {
  const t = useT();
  return (
    <Frame title={t('launch.page')}>
      <ErrorState
        what={t('launch.notThere.what')}
        why={t('launch.notThere.why', { slug })}
        actions={<LinkButton href="/catalog">{t('launch.notThere.action')}</LinkButton>}
      />
    </Frame>
  );
}
