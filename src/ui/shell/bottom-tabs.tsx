'use client';
/** The pages on a phone, under the thumb. */
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from '../primitives/class-names.ts';
import { DESTINATIONS, isUnder } from './navigation.ts';

export function BottomTabs() {
  const t = useT();
  const pathname = usePathname();
  return (
    <nav
      aria-label={t('nav.label')}
      className="fixed inset-x-0 bottom-0 z-30 border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="flex">
        {DESTINATIONS.map(({ href, label, icon: Icon }) => {
          const on = isUnder(pathname, href);
          return (
            <li key={href} className="min-w-0 flex-auto">
              <Link
                href={href}
                aria-current={on ? 'page' : undefined}
                className={cx(
                  'flex h-14 flex-col items-center justify-center gap-1 text-xs focus-visible:-outline-offset-2',
                  on ? 'font-medium text-accent-ink' : 'text-ink-2',
                )}
              >
                <Icon className="size-5 stroke-[1.5]" aria-hidden />
                <span className="max-w-full truncate">{t(label)}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
