'use client';
/** Every place one is signed in: which this is, which to end, or all at once. */
import { LogOut } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { FailedQuery } from '../failed-query.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Card } from '../primitives/card.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { toast } from '../primitives/toast.ts';
import { type Outputs, shownError, trpc } from '../trpc-client.tsx';
import { SessionRow } from './session-row.tsx';

const EverywhereDialog = dynamic(async () => (await import('./everywhere-dialog.tsx')).EverywhereDialog, {
  ssr: false,
});

type Session = Outputs['profile']['sessions'][number];

export function SessionsTab() {
  const t = useT();
  const query = trpc.profile.sessions.useQuery(undefined, { staleTime: 0, refetchOnWindowFocus: 'always' });
  const revoke = useRevoke();
  const [asked, setAsked] = useState(false);
  if (query.isError && !query.data) {
    return (
      <FailedQuery error={query.error} what={t('settings.sessions.failedWhat')} onRetry={() => void query.refetch()} />
    );
  }
  return (
    <>
      <Card flush title={t('settings.sessions.title')}>
        {query.data ? (
          <ul className="mt-1 border-line border-t">
            {inOrder(query.data).map((session) => (
              <SessionRow key={session.id} session={session} onRevoke={() => void revoke(session)} />
            ))}
          </ul>
        ) : (
          <Placeholder />
        )}
      </Card>
      <Card title={t('settings.sessions.everywhere')}>
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
          <p className="min-w-0 flex-1 basis-72 text-pretty text-ink-2">{t('settings.sessions.everywhereText')}</p>
          <Button icon={<LogOut className="icon" aria-hidden />} onClick={() => setAsked(true)}>
            {t('settings.sessions.everywhereAsk')}
          </Button>
        </div>
      </Card>
      {asked ? <EverywhereDialog onClose={() => setAsked(false)} /> : null}
    </>
  );
}

/** This one first, then the most recently used. */
function inOrder(sessions: readonly Session[]): Session[] {
  return [...sessions].sort((a, b) => Number(b.current) - Number(a.current) || b.lastSeenAt - a.lastSeenAt);
}

/** The row leaves at once and comes back with a message when the server refuses. */
function useRevoke(): (session: Session) => Promise<void> {
  const t = useT();
  const utils = trpc.useUtils();
  return async ({ id }) => {
    await utils.profile.sessions.cancel();
    const before = utils.profile.sessions.getData();
    utils.profile.sessions.setData(undefined, (old) => old?.filter((one) => one.id !== id));
    try {
      await utils.client.profile.revokeSession.mutate({ id });
      toast.success(t('settings.sessions.revoked'));
    } catch (error) {
      utils.profile.sessions.setData(undefined, before);
      toast.error(t('settings.sessions.revokeFailed'), { detail: shownError(error).message });
    }
    void utils.profile.sessions.invalidate();
  };
}

function Placeholder() {
  return (
    <Loading className="mt-1 border-line border-t px-4 py-3">
      <Skeleton className="h-5 w-48" />
      <Skeleton className="mt-1 h-4 w-72" />
      <Skeleton className="mt-1 h-5 w-56" />
    </Loading>
  );
}
