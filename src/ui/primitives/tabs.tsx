'use client';
/**
 * Tabs whose state is the URL: each is a link, so back, reload and open-in-new-tab work. The panel is what the page draws
 * below; it needs no id games because the tabs are a navigation, not a widget.
 */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

export interface Tab {
  id: string;
  label: ReactNode;
  href: string;
  /** A small count behind the label. */
  count?: number;
}

interface TabsProps {
  /** Accessible name of the navigation. */
  label: string;
  tabs: readonly Tab[];
  current: string;
}

export function Tabs({ label, tabs, current }: TabsProps) {
  return (
    <nav aria-label={label} className="-mx-4 overflow-x-auto border-line border-b px-4 sm:mx-0 sm:px-0">
      <ul className="flex gap-5">
        {tabs.map((tab) => {
          const on = tab.id === current;
          return (
            <li key={tab.id}>
              <Link
                href={tab.href}
                scroll={false}
                aria-current={on ? 'page' : undefined}
                className={cx(
                  'touch -mb-px inline-flex h-10 items-center gap-1.5 whitespace-nowrap border-b-2 transition-colors duration-100 focus-visible:outline-offset-[-2px]',
                  on
                    ? 'border-accent font-medium text-ink'
                    : 'border-transparent text-ink-2 hover:border-line-strong hover:text-ink',
                )}
              >
                {tab.label}
                {tab.count === undefined ? null : (
                  <span className="nums rounded-full bg-hover px-1.5 text-ink-2 text-xs leading-4">{tab.count}</span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
