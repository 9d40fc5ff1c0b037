'use client';
/** Who is signed in, the theme, settings, sign out. */
import { CircleHelp, Keyboard, LogOut, Monitor, Moon, Settings, Sun } from 'lucide-react';
import type { Preferences } from '../../domain/user.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../primitives/menu.tsx';
import { MenuChoice } from '../primitives/menu-choice.tsx';
import { toast } from '../primitives/toast.ts';
import { SETTINGS_HREF } from './navigation.ts';
import { signOut } from './sign-out.ts';

interface AccountMenuProps {
  name: string;
  email: string;
  theme: Preferences['theme'];
  onTheme: (theme: Preferences['theme']) => void;
  onShortcuts: () => void;
}

/** Up to two initials: “Ada Lovelace” → AL. */
function initials(name: string): string {
  const words = name.trim().split(/[\s._-]+/);
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

export function AccountMenu({ name, email, theme, onTheme, onShortcuts }: AccountMenuProps) {
  const t = useT();
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={t('account.menu', { name })}
          className="touch flex size-8 items-center justify-center rounded-full"
        >
          <span
            aria-hidden
            className="flex size-7 items-center justify-center rounded-full bg-accent-soft font-semibold text-accent-ink text-xs"
          >
            {initials(name)}
          </span>
        </button>
      }
    >
      <div className="px-2 py-1.5">
        <div className="truncate font-medium">{name}</div>
        <div className="truncate text-ink-3 text-sm">{email}</div>
      </div>
      <MenuSeparator />
      <MenuLabel>{t('account.theme')}</MenuLabel>
      <MenuChoice
        value={theme}
        onChange={onTheme}
        options={[
          { value: 'system', label: t('account.theme.system'), icon: <Monitor className="icon" aria-hidden /> },
          { value: 'light', label: t('account.theme.light'), icon: <Sun className="icon" aria-hidden /> },
          { value: 'dark', label: t('account.theme.dark'), icon: <Moon className="icon" aria-hidden /> },
        ]}
      />
      <MenuSeparator />
      <MenuItem href={SETTINGS_HREF} icon={<Settings className="icon" aria-hidden />}>
        {t('nav.settings')}
      </MenuItem>
      <MenuItem href="/help" icon={<CircleHelp className="icon" aria-hidden />}>
        {t('nav.help')}
      </MenuItem>
      <MenuItem onSelect={onShortcuts} keys="?" icon={<Keyboard className="icon" aria-hidden />}>
        {t('account.shortcuts')}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        icon={<LogOut className="icon" aria-hidden />}
        onSelect={() => void signOut().catch(() => toast.error(t('account.signOutFailed')))}
      >
        {t('account.signOut')}
      </MenuItem>
    </Menu>
  );
}
