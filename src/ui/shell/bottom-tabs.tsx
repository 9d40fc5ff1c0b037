'use client';
/** The pages on a phone, under the thumb; what does not fit is behind “More”. */
import { Ellipsis } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from '../primitives/class-names.ts';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../primitives/menu.tsx';
import { Attention } from './attention.tsx';
import { ADMIN_DESTINATIONS, DESTINATIONS, type Destination, isUnder, PHONE_TABS } from './navigation.ts';
import { useViewerRole } from './viewer-role.ts';

const TAB = 'flex h-14 w-full flex-col items-center justify-center gap-1 text-xs focus-visible:-outline-offset-2';
const look = (on: boolean) => cx(TAB, on ? 'font-medium text-accent-ink' : 'text-ink-2');

export function BottomTabs() {
  const t = useT();
  const pathname = usePathname();
  return (
    <nav
      aria-label={t('nav.label')}
      className="fixed inset-x-0 bottom-0 z-30 border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="flex">
        {DESTINATIONS.slice(0, PHONE_TABS).map(({ href, label, icon: Icon }) => {
          const on = isUnder(pathname, href);
          return (
            <li key={href} className="min-w-0 flex-auto">
              <Link href={href} aria-current={on ? 'page' : undefined} className={look(on)}>
                <Icon className="size-5 stroke-[1.5]" aria-hidden />
                <span className="max-w-full truncate">{t(label)}</span>
              </Link>
            </li>
          );
        })}
        <li className="min-w-0 flex-auto">
          <More pathname={pathname} />
        </li>
      </ul>
    </nav>
  );
}

function More({ pathname }: { pathname: string }) {
  const t = useT();
  const admin = useViewerRole() === 'admin' ? ADMIN_DESTINATIONS : [];
  const others = DESTINATIONS.slice(PHONE_TABS);
  const on = [...others, ...admin].some(({ href }) => isUnder(pathname, href));
  return (
    <Menu
      side="top"
      align="end"
      trigger={
        <button type="button" aria-current={on || undefined} className={look(on)}>
          <span className="relative">
            <Ellipsis className="size-5 stroke-[1.5]" aria-hidden />
            {admin.map(({ href }) => (
              <Attention key={href} href={href} dot />
            ))}
          </span>
          <span className="max-w-full truncate">{t('nav.more')}</span>
        </button>
      }
    >
      {others.map(item)}
      {admin.length > 0 ? (
        <>
          <MenuSeparator />
          <MenuLabel>{t('nav.admin')}</MenuLabel>
          {admin.map(item)}
        </>
      ) : null}
    </Menu>
  );

  function item({ href, label, icon: Icon }: Destination) {
    return (
      <MenuItem key={href} href={href} icon={<Icon className="icon" aria-hidden />}>
        <span className="flex items-center gap-2">
          {t(label)}
          <Attention href={href} />
        </span>
      </MenuItem>
    );
  }
}
