'use client';
/** One person beside the list: who they are, what they may, where they are signed in, what happened. Loaded with the first opening. */
import type { ReactNode } from 'react';
import { FailedQuery } from '../../failed-query.tsx';
import { useT } from '../../messages/messages-provider.tsx';
import { Drawer } from '../../primitives/drawer.tsx';
import { Loading, Skeleton, SkeletonText } from '../../primitives/skeleton.tsx';
import { trpc } from '../../trpc-client.tsx';
import { AccountForm } from './account-form.tsx';
import { AwaitingAnswer } from './awaiting-answer.tsx';
import { LimitsForm } from './limits-form.tsx';
import { NotesForm } from './notes-form.tsx';
import type { PersonDetail } from './people.ts';
import { PersonFacts } from './person-facts.tsx';
import { PersonHistory } from './person-history.tsx';
import { PersonIdentities } from './person-identities.tsx';
import { PersonSessions } from './person-sessions.tsx';
import { PersonUsage } from './person-usage.tsx';
import { RoleForm } from './role-form.tsx';

export function PersonDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useT();
  // What is decided here is decided by how it is now.
  const query = trpc.admin.users.get.useQuery({ id }, { staleTime: 0 });
  const person = query.data;
  return (
    <Drawer open details size="lg" onOpenChange={onClose} title={person?.name ?? t('adminUsers.person.loading')}>
      {person ? (
        <PersonParts person={person} onGone={onClose} />
      ) : query.isError ? (
        <FailedQuery
          error={query.error}
          what={t('adminUsers.person.failedWhat')}
          gone={t('adminUsers.person.gone')}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <Loading className="flex flex-col gap-8">
          <SkeletonText lines={5} />
          <Skeleton className="h-24" />
          <Skeleton className="h-40" />
        </Loading>
      )}
    </Drawer>
  );
}

function PersonParts({ person, onGone }: { person: PersonDetail; onGone: () => void }) {
  const t = useT();
  const own = trpc.profile.me.useQuery().data?.id === person.id;
  const awaiting = person.awaitsApprovalSince !== null;
  const notes = person.lastAdmin ? t('adminUsers.lastAdmin') : null;
  return (
    <div className="flex flex-col gap-6">
      <PersonFacts person={person} />
      {own || notes ? (
        <div className="flex flex-col gap-1 rounded-md border border-line bg-sunken px-3 py-2 text-ink-2 text-sm">
          {notes ? <p>{notes}</p> : null}
          {own ? <p>{t('adminUsers.own')}</p> : null}
        </div>
      ) : null}
      {awaiting ? (
        <AwaitingAnswer person={person} onRefused={onGone} />
      ) : (
        <>
          <Part title={t('adminUsers.usage')}>
            <PersonUsage person={person} />
          </Part>
          <Part title={t('adminUsers.role')}>
            {/* What changed elsewhere starts the form anew. */}
            <RoleForm key={person.role} person={person} />
          </Part>
          <Part title={t('adminUsers.account')}>
            <AccountForm person={person} />
          </Part>
          <Part title={t('adminUsers.limits')}>
            <LimitsForm key={JSON.stringify([person.tier, person.overrides])} person={person} />
          </Part>
          <Part title={t('adminUsers.sessions')}>
            <PersonSessions person={person} />
          </Part>
        </>
      )}
      <Part title={t('adminUsers.identities')}>
        <PersonIdentities person={person} />
      </Part>
      <Part title={t('adminUsers.notes')}>
        <NotesForm key={person.notes} person={person} />
      </Part>
      <Part title={t('adminUsers.history')}>
        <PersonHistory person={person} />
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-line border-t pt-5">
      <h3 className="mb-3 font-semibold">{title}</h3>
      {children}
    </section>
  );
}
