'use client';
/** The left rail: pages, and nothing else. Collapses to icons; hidden on phones, where the bottom tabs take over. */
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Mark } from '../brand/mark.tsx';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from '../primitives/class-names.ts';
import { Tooltip } from '../primitives/tooltip.tsx';
import { Attention } from './attention.tsx';
import { ADMIN_DESTINATIONS, DESTINATIONS, type Destination, HELP_HREF, isUnder } from './navigation.ts';
import { useViewerRole } from './viewer-role.ts';

interface RailProps {
  deploymentName: string;
  collapsed: boolean;
  onCollapsed: (collapsed: boolean) => void;
}

const ITEM = 'flex h-9 items-center gap-3 rounded-sm px-2.5 transition-colors duration-100';

export function Rail({ deploymentName, collapsed, onCollapsed }: RailProps) {
  const t = useT();
  const admin = useViewerRole() === 'admin';
  const pages = DESTINATIONS.filter(({ href }) => href !== HELP_HREF);
  const help = DESTINATIONS.filter(({ href }) => href === HELP_HREF);
  const toggle = t(collapsed ? 'nav.expand' : 'nav.collapse');
  return (
    <nav
      aria-label={t('nav.label')}
      className={cx(
        'sticky top-0 hidden h-dvh flex-col border-line border-r bg-surface transition-[width] duration-150 ease-out md:flex',
        collapsed ? 'w-14' : 'w-(--rail-width)',
      )}
    >
      <Link
        href="/"
        className="flex h-12 shrink-0 items-center gap-2.5 overflow-hidden px-3.5 font-semibold focus-visible:-outline-offset-2"
      >
        <Mark className="shrink-0" />
        <span className={cx('truncate', collapsed && 'sr-only')}>{deploymentName}</span>
      </Link>
      <div className="flex min-h-0 flex-1 flex-col justify-between overflow-y-auto p-2">
        <div>
          <RailList items={pages} collapsed={collapsed} />
          {admin ? (
            <>
              <h2
                className={cx(
                  'mt-3 border-line border-t px-2.5 pt-3 pb-1 text-ink-3 text-xs',
                  collapsed && 'h-0 overflow-hidden text-[0px]',
                )}
              >
                {t('nav.admin')}
              </h2>
              <RailList items={ADMIN_DESTINATIONS} collapsed={collapsed} />
            </>
          ) : null}
        </div>
        <RailList items={help} collapsed={collapsed} />
      </div>
      <div className="border-line border-t p-2">
        <Tooltip text={toggle} side="right" disabled={!collapsed}>
          <button
            type="button"
            aria-label={toggle}
            aria-expanded={!collapsed}
            onClick={() => onCollapsed(!collapsed)}
            className={cx(ITEM, 'w-full text-ink-3 hover:bg-hover hover:text-ink')}
          >
            {collapsed ? (
              <PanelLeftOpen className="icon" aria-hidden />
            ) : (
              <PanelLeftClose className="icon" aria-hidden />
            )}
          </button>
        </Tooltip>
      </div>
    </nav>
  );
}

function RailList({ items, collapsed }: { items: readonly Destination[]; collapsed: boolean }) {
  const t = useT();
  const pathname = usePathname();
  return (
    <ul className="flex flex-col gap-0.5">
      {items.map(({ href, label, icon: Icon }) => {
        const on = isUnder(pathname, href);
        return (
          <li key={href}>
            <Tooltip text={t(label)} side="right" disabled={!collapsed}>
              <Link
                href={href}
                aria-current={on ? 'page' : undefined}
                className={cx(ITEM, on ? 'bg-hover font-medium text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink')}
              >
                <Icon className={cx('icon', on && 'text-accent-ink')} aria-hidden />
                <span className={cx('truncate', collapsed && 'sr-only')}>{t(label)}</span>
                <Attention href={href} dot={collapsed} />
              </Link>
            </Tooltip>
          </li>
        );
      })}
    </ul>
  );
}
