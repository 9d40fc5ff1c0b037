'use client';
/** Who somebody is, in a few lines. */
import { useT } from '../../messages/messages-provider.tsx';
import { Copyable } from '../../primitives/copyable.tsx';
import { Time } from '../../primitives/time.tsx';
import type { PersonDetail } from './people.ts';
import { PersonStatus, RoleName } from './person-badges.tsx';

export function PersonFacts({ person }: { person: PersonDetail }) {
  const t = useT();
  const { id, email, role, tier, admission, awaitsApprovalSince, createdAt, lastSeenAt } = person;
  return (
    <div>
      <p className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1">
        <PersonStatus person={person} look="soft" />
        <RoleName role={role} />
        <span className="text-ink-2">{t(`settings.tier.${tier}`)}</span>
      </p>
      <dl className="grid grid-cols-[88px_minmax(0,1fr)] items-baseline gap-x-3 gap-y-1.5 [&_dt]:text-ink-2">
        <dt>{t('adminUsers.person.email')}</dt>
        <dd className="min-w-0">
          <Copyable text={email} />
        </dd>
        <dt>{t('adminUsers.person.id')}</dt>
        <dd className="min-w-0">
          <Copyable text={id} />
        </dd>
        {awaitsApprovalSince === null ? (
          <>
            <dt>{t('adminUsers.person.cameIn')}</dt>
            <dd>{t(`adminUsers.admission.${admission}`)}</dd>
            <dt>{t('adminUsers.person.joined')}</dt>
            <dd>
              <Time at={createdAt} />
            </dd>
            <dt>{t('adminUsers.person.lastSeen')}</dt>
            <dd>{lastSeenAt === null ? t('adminUsers.never') : <Time at={lastSeenAt} />}</dd>
          </>
        ) : (
          <>
            <dt>{t('adminUsers.person.waitsSince')}</dt>
            <dd>
              <Time at={awaitsApprovalSince} />
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}
