'use client';
/** What somebody new sees: one card that asks for an application and launches it with one click. */
import Link from 'next/link';
import { ApplicationCard } from '../catalog/application-card.tsx';
import { ApplicationGridSkeleton, GRID } from '../catalog/application-grid.tsx';
import { useQuickLaunch } from '../catalog/use-launch.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { trpc } from '../trpc-client.tsx';

export function FirstLaunch() {
  const t = useT();
  const applications = trpc.applications.list.useQuery();
  const { data: allowance } = trpc.profile.limits.useQuery();
  const quick = useQuickLaunch();
  if (applications.isError) {
    return (
      <FailedQuery
        error={applications.error}
        what={t('catalog.failedWhat')}
        onRetry={() => void applications.refetch()}
      />
    );
  }
  // What can be launched at once comes first; the first of these is the page's main action.
  const sorted = [...(applications.data ?? [])].sort((a, b) => Number(b.available) - Number(a.available));
  return (
    <section>
      <h2 className="font-semibold text-lg">{t('home.new.title')}</h2>
      <p className="mt-1 mb-5 text-ink-2">
        {t('home.new.text')}{' '}
        <Link
          href="/help/first-launch"
          className="whitespace-nowrap rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2"
        >
          {t('home.new.help')}
        </Link>
      </p>
      {applications.data ? (
        <ul className={GRID}>
          {sorted.map((application, index) => (
            <ApplicationCard
              key={application.id}
              application={application}
              allowance={allowance}
              quick={quick}
              main={index === 0}
            />
          ))}
        </ul>
      ) : (
        <ApplicationGridSkeleton />
      )}
    </section>
  );
}
