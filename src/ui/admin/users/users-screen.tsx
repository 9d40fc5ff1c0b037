'use client';
/** People and invitations for administrators. Which part, which filters and which person is open stands in the address. */
import { UserPlus } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { Tabs } from '../../primitives/tabs.tsx';
import { Page } from '../../shell/page.tsx';
import { trpc } from '../../trpc-client.tsx';
import { useUrlState } from '../../url-state.ts';
import { PeopleTab } from './people-tab.tsx';
import { useLivePeople } from './use-people-cache.ts';

const PersonDrawer = dynamic(async () => (await import('./person-drawer.tsx')).PersonDrawer, { ssr: false });
const InvitationsTab = dynamic(async () => (await import('./invitations-tab.tsx')).InvitationsTab, { ssr: false });
const InviteDialog = dynamic(async () => (await import('./invite-dialog.tsx')).InviteDialog, { ssr: false });

const PERSON_ID = /^usr-[0-9a-z]{20}$/;

export function UsersScreen() {
  const t = useT();
  const { get, set, href } = useUrlState();
  const { data: counts } = trpc.admin.users.counts.useQuery();
  const invite = () => set({ invite: '1' }, 'push');
  useLivePeople();
  const tab = get('tab') === 'invitations' ? 'invitations' : 'people';
  const person = get('person');
  const known = person !== null && PERSON_ID.test(person) ? person : null;
  return (
    <Page
      wide
      title={t('adminUsers.title')}
      actions={
        <Button look="primary" icon={<UserPlus className="icon" aria-hidden />} onClick={invite}>
          {t('adminUsers.invite')}
        </Button>
      }
      tabs={
        <Tabs
          label={t('adminUsers.tabs')}
          current={tab}
          tabs={[
            { id: 'people', label: t('adminUsers.tab.people'), href: href({ tab: null, person: null }) },
            {
              id: 'invitations',
              label: t('adminUsers.tab.invitations'),
              href: href({ tab: 'invitations', person: null }),
              ...(counts && counts.openInvitations > 0 ? { count: counts.openInvitations } : {}),
            },
          ]}
        />
      }
    >
      {tab === 'people' ? <PeopleTab /> : <InvitationsTab onInvite={invite} />}
      {known === null ? null : <PersonDrawer key={known} id={known} onClose={() => set({ person: null })} />}
      {get('invite') === '1' ? <InviteDialog onClose={() => set({ invite: null })} /> : null}
    </Page>
  );
}
