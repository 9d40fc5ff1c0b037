'use client';
/** Where one is, the palette, whether the data are live, who one is. */
import { Search } from 'lucide-react';
import Link from 'next/link';
import { Mark } from '../brand/mark.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Kbd } from '../primitives/kbd.tsx';
import { AccountMenu } from './account-menu.tsx';
import { PageCrumbs } from './crumbs.tsx';
import { LiveIndicator, type LiveState } from './live-indicator.tsx';

interface TopBarProps {
  account: Parameters<typeof AccountMenu>[0];
  live: LiveState;
  onPalette: () => void;
}

export function TopBar({ account, live, onPalette }: TopBarProps) {
  const t = useT();
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-2 border-line border-b bg-canvas px-4 md:px-6">
      <Link href="/" className="touch flex shrink-0 items-center md:hidden" aria-label={t('nav.home')}>
        <Mark />
      </Link>
      <PageCrumbs className="flex-1" />
      <button
        type="button"
        onClick={onPalette}
        aria-keyshortcuts="Control+K Meta+K"
        className="hidden h-8 w-56 items-center gap-2 rounded-sm border border-line-strong bg-surface pr-1.5 pl-2.5 text-ink-3 transition-colors duration-100 hover:border-control hover:text-ink-2 sm:flex"
      >
        <Search className="icon" aria-hidden />
        <span className="flex-1 truncate text-left text-sm">{t('palette.open')}</span>
        <Kbd keys="mod+k" />
      </button>
      <IconButton
        label={t('palette.open')}
        icon={<Search className="icon" aria-hidden />}
        onClick={onPalette}
        className="sm:hidden"
      />
      <LiveIndicator state={live} />
      <AccountMenu {...account} />
    </header>
  );
}
