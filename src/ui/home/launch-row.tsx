'use client';
/** Up to three applications that can be launched now. */
import { ApplicationCard } from '../catalog/application-card.tsx';
import { ApplicationGridSkeleton, GRID } from '../catalog/application-grid.tsx';
import { FullNotice } from '../catalog/full-notice.tsx';
import { useQuickLaunch } from '../catalog/use-launch.ts';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { trpc } from '../trpc-client.tsx';

const SHOWN = 3;

export function LaunchRow() {
  const t = useT();
  const { data, error, refetch } = trpc.applications.list.useQuery();
  const { data: allowance } = trpc.profile.limits.useQuery();
  const quick = useQuickLaunch();
  if (error && !data)
    return <FailedQuery error={error} what={t('catalog.failedWhat')} onRetry={() => void refetch()} />;
  if (!data) return <ApplicationGridSkeleton count={SHOWN} />;
  const shown = data.filter(({ available }) => available).slice(0, SHOWN);
  return (
    <>
      <FullNotice allowance={allowance} />
      <ul className={GRID}>
        {shown.map((application) => (
          <ApplicationCard key={application.id} application={application} allowance={allowance} quick={quick} />
        ))}
      </ul>
    </>
  );
}
