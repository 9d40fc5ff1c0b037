'use client';
/** Invitations as rows; on a phone what each gives stands under whom it is for. */
import { Ban } from 'lucide-react';
import Link from 'next/link';
import { type ReactNode, useMemo } from 'react';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { useNow } from '../../primitives/clock.ts';
import { IconButton } from '../../primitives/icon-button.tsx';
import { StatusBadge } from '../../primitives/status-badge.tsx';
import { Table } from '../../primitives/table.tsx';
import type { Column } from '../../primitives/table-types.ts';
import { Time } from '../../primitives/time.tsx';
import type { Invitation } from './people.ts';

interface InvitationsTableProps {
  rows: readonly Invitation[];
  loading: boolean;
  onRevoke: (invitation: Invitation) => void;
  empty: ReactNode;
}

export function InvitationsTable({ rows, loading, onRevoke, empty }: InvitationsTableProps) {
  const t = useT();
  return (
    <div className="w-full overflow-hidden rounded-lg border border-line bg-surface">
      <Table
        label={t('adminUsers.invitations.table')}
        columns={useColumns(onRevoke)}
        rows={rows}
        rowKey={keyOf}
        loadingRows={loading ? 4 : 0}
        empty={empty}
      />
    </div>
  );
}

const keyOf = ({ id }: Invitation) => id;

/** @param short words alone, under something else */
function InvitationStatus({ invitation, short = false }: { invitation: Invitation; short?: boolean }) {
  const t = useT();
  const format = useFormat();
  const now = useNow(60_000);
  const { state, expiresAt, usedBy } = invitation;
  const time = format.relative(expiresAt, Math.max(now, invitation.createdAt));
  if (short) {
    const words = {
      open: t('adminUsers.invitations.open', { time }),
      expired: t('adminUsers.invitations.expired', { time }),
      used: usedBy ? t('adminUsers.invitations.used', { name: usedBy.name }) : t('adminUsers.invitations.usedGone'),
    };
    return <span className="min-w-0 truncate">{words[state]}</span>;
  }
  if (state === 'open')
    return (
      <StatusBadge tone="running" look="plain">
        <span className="truncate" title={format.exact(expiresAt)}>
          {t('adminUsers.invitations.open', { time })}
        </span>
      </StatusBadge>
    );
  if (state === 'expired')
    return (
      <StatusBadge tone="neutral" look="plain">
        <span title={format.exact(expiresAt)}>{t('adminUsers.invitations.expired', { time })}</span>
      </StatusBadge>
    );
  if (!usedBy) return <span className="text-ink-2">{t('adminUsers.invitations.usedGone')}</span>;
  return (
    <Link href={`/admin/users?person=${usedBy.id}`} prefetch={false} className="rounded-sm text-ink-2 hover:text-ink">
      {t('adminUsers.invitations.used', { name: usedBy.name })}
    </Link>
  );
}

function useColumns(onRevoke: (invitation: Invitation) => void): Column<Invitation>[] {
  const t = useT();
  return useMemo(() => {
    const whom = ({ email }: Invitation) => email ?? t('adminUsers.invitations.anybody');
    const gives = ({ role, tier }: Invitation) =>
      t('adminUsers.invitations.as', { role: t(`settings.role.${role}`), tier: t(`settings.tier.${tier}`) });
    return [
      {
        id: 'for',
        header: t('adminUsers.invitations.for'),
        cell: (invitation) => (
          <span className="block min-w-0" title={whom(invitation)}>
            <span className="block truncate font-medium">{whom(invitation)}</span>
            <span className="flex min-w-0 gap-2 text-ink-3 text-xs sm:hidden">
              <span className="shrink-0">{gives(invitation)}</span>
              <InvitationStatus short invitation={invitation} />
            </span>
          </span>
        ),
      },
      {
        id: 'gives',
        header: t('adminUsers.column.role'),
        hideBelow: 'sm',
        width: '190px',
        cell: (invitation) => <span className="text-ink-2">{gives(invitation)}</span>,
      },
      {
        id: 'state',
        header: t('adminUsers.invitations.state'),
        width: '31%',
        hideBelow: 'sm',
        cell: (invitation) => <InvitationStatus invitation={invitation} />,
      },
      {
        id: 'by',
        header: t('adminUsers.invitations.by'),
        hideBelow: 'lg',
        width: '150px',
        cell: ({ createdBy }) => <span className="text-ink-2">{createdBy.name}</span>,
      },
      {
        id: 'made',
        header: t('adminUsers.invitations.made'),
        hideBelow: 'lg',
        width: '130px',
        cell: ({ createdAt }) => <Time at={createdAt} as="short" className="text-ink-2" />,
      },
      {
        id: 'actions',
        header: t('adminUsers.invitations.actions'),
        hideHeader: true,
        width: '72px',
        align: 'right',
        cell: (invitation) =>
          invitation.state === 'used' ? null : (
            <IconButton
              size="sm"
              label={t('adminUsers.invitations.revokeNamed', { whom: whom(invitation) })}
              icon={<Ban className="icon" aria-hidden />}
              onClick={() => onRevoke(invitation)}
            />
          ),
      },
    ];
  }, [t, onRevoke]);
}
