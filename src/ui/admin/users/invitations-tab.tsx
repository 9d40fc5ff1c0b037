'use client';
/** Every invitation: open, used and by whom, or expired. */
import { MailPlus } from 'lucide-react';
import { useState } from 'react';
import { FailedQuery } from '../../failed-query.tsx';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { EmptyState } from '../../primitives/empty-state.tsx';
import { trpc } from '../../trpc-client.tsx';
import { InvitationsTable } from './invitations-table.tsx';
import type { Invitation } from './people.ts';
import { RevokeDialog } from './revoke-dialog.tsx';

export function InvitationsTab({ onInvite }: { onInvite: () => void }) {
  const t = useT();
  const query = trpc.admin.invitations.list.useInfiniteQuery({ limit: 100 }, { getNextPageParam: ({ next }) => next });
  const [revoking, setRevoking] = useState<Invitation | null>(null);
  if (query.isError && !query.data)
    return (
      <FailedQuery
        error={query.error}
        what={t('adminUsers.invitations.failedWhat')}
        onRetry={() => void query.refetch()}
        size="page"
      />
    );
  const rows = query.data?.pages.flatMap(({ invitations }) => invitations) ?? [];
  return (
    <div className="flex flex-col items-center gap-4">
      <InvitationsTable
        rows={rows}
        loading={query.isPending}
        onRevoke={setRevoking}
        empty={
          <EmptyState
            icon={<MailPlus aria-hidden />}
            title={t('adminUsers.invitations.empty')}
            action={<Button onClick={onInvite}>{t('adminUsers.invite')}</Button>}
          >
            {t('adminUsers.invitations.emptyText')}
          </EmptyState>
        }
      />
      {query.hasNextPage ? (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('adminUsers.invitations.more')}
        </Button>
      ) : null}
      {revoking ? <RevokeDialog invitation={revoking} onClose={() => setRevoking(null)} /> : null}
    </div>
  );
}
