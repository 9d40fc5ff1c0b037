'use client';
/** What somebody new sees: one card that asks for an application and launches it with one click. */
import Link from 'next/link';
import { ApplicationCard } from '../catalog/application-card.tsx';
import { ApplicationGridSkeleton, GRID } from '../catalog/application-grid.tsx';
import { useQuickLaunch } from '../catalog/use-launch.ts';
import { ApplicationIcon } from '../environments/application-icon.tsx';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { trpc } from '../trpc-client.tsx';

const LINK = 'rounded-sm text-accent-ink underline decoration-line-strong underline-offset-2';

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
  const all = applications.data ?? [];
  const missing = all.filter(({ available }) => !available);
  return (
    <section>
      <h2 className="font-semibold text-lg">{t('home.new.title')}</h2>
      <p className="mt-1 mb-5 text-ink-2">
        {t('home.new.text')}{' '}
        <Link href="/help/first-launch" className={`${LINK} whitespace-nowrap`}>
          {t('home.new.help')}
        </Link>
      </p>
      {applications.data ? (
        <ul className={GRID}>
          {all
            .filter(({ available }) => available)
            .map((application, index) => (
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
        <ApplicationGridSkeleton count={2} />
      )}
      {missing.length > 0 ? (
        <div className="mt-8 flex flex-wrap items-center gap-x-6 gap-y-3 border-line border-t pt-5 text-ink-2">
          <p>{t('home.new.missing')}</p>
          {missing.map(({ id, name, icon }) => (
            <span key={id} className="inline-flex items-center gap-2">
              <ApplicationIcon name={icon} />
              {name}
            </span>
          ))}
          <Link href="/catalog" className={LINK}>
            {t('home.new.install')}
          </Link>
        </div>
      ) : null}
    </section>
  );
}
