'use client';
/** One's own account: who one is and what one may use, where one is signed in, how it should look. The part is in the address. */
import { useT } from '../messages/messages-provider.tsx';
import { Tabs } from '../primitives/tabs.tsx';
import { Page } from '../shell/page.tsx';
import { useUrlState } from '../url-state.ts';
import { AccountsTab } from './accounts-tab.tsx';
import { FilesTab } from './files-tab.tsx';
import { PreferencesTab } from './preferences-tab.tsx';
import { ProfileTab } from './profile-tab.tsx';
import { SessionsTab } from './sessions-tab.tsx';
import { VariablesTab } from './variables-tab.tsx';

const TABS = ['profile', 'accounts', 'sessions', 'variables', 'files', 'preferences'] as const;

export function SettingsScreen() {
  const t = useT();
  const { get, href } = useUrlState();
  const tab = TABS.find((known) => known === get('tab')) ?? 'profile';
  return (
    <Page narrow title={t('settings.title')}>
      <div className="flex flex-col gap-5">
        <Tabs
          label={t('settings.tabs')}
          current={tab}
          tabs={TABS.map((one) => ({
            id: one,
            label: t(`settings.tab.${one}`),
            href: href({ tab: one === 'profile' ? null : one }),
          }))}
        />
        {tab === 'profile' ? <ProfileTab /> : null}
        {tab === 'accounts' ? <AccountsTab /> : null}
        {tab === 'sessions' ? <SessionsTab /> : null}
        {tab === 'variables' ? <VariablesTab /> : null}
        {tab === 'files' ? <FilesTab /> : null}
        {tab === 'preferences' ? <PreferencesTab /> : null}
      </div>
    </Page>
  );
}
