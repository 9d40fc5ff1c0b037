'use client';
/** What a deployment allows and how people come in, for administrators. What is being edited stands in the address. */
import dynamic from 'next/dynamic';
import { TIERS } from '../../../domain/quota.ts';
import { useT } from '../../messages/messages-provider.tsx';
import { Page } from '../../shell/page.tsx';
import { trpc } from '../../trpc-client.tsx';
import { useUrlState } from '../../url-state.ts';
import { SignInCard } from './sign-in-card.tsx';
import { TiersCard } from './tiers-card.tsx';

const TierDialog = dynamic(async () => (await import('./tier-dialog.tsx')).TierDialog, { ssr: false });
const NewcomersDialog = dynamic(async () => (await import('./newcomers-dialog.tsx')).NewcomersDialog, { ssr: false });

export function AdminSettingsScreen() {
  const t = useT();
  const { get, set } = useUrlState();
  const { data, isPending } = trpc.admin.tiers.list.useQuery();
  // Asked for at once, shown below what is there: how long the tiers are depends on what is set.
  trpc.admin.settings.signIn.useQuery();
  const close = () => set({ tier: null, newcomers: null });
  const asked = TIERS.find((tier) => tier === get('tier'));
  const edited = data?.tiers.find(({ tier }) => tier === asked);
  return (
    <Page title={t('adminSettings.title')} description={t('adminSettings.description')}>
      <div className="flex flex-col gap-4">
        <TiersCard onEdit={(tier) => set({ tier }, 'push')} onNewcomers={() => set({ newcomers: '1' }, 'push')} />
        {isPending ? null : <SignInCard />}
      </div>
      {edited ? <TierDialog key={edited.tier} tier={edited} onClose={close} /> : null}
      {data && get('newcomers') === '1' ? <NewcomersDialog newcomers={data.newcomers} onClose={close} /> : null}
    </Page>
  );
}
