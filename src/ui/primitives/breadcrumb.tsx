'use client';
/** Where this page is. The last crumb is the page itself and no link; long paths shrink in the middle, not at the end, and
 * a phone shows the way back by its arrow alone. */
import { ChevronLeft, ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';

export interface Crumb {
  label: string;
  href?: string;
}

export function Breadcrumb({ crumbs, className }: { crumbs: readonly Crumb[]; className?: string }) {
  const t = useT();
  return (
    <nav aria-label={t('breadcrumb.label')} className={cx('min-w-0', className)}>
      <ol className="flex min-w-0 items-center gap-1">
        {crumbs.map((crumb, index) => {
          const last = index === crumbs.length - 1;
          return (
            <li
              key={`${crumb.href ?? ''}${crumb.label}`}
              className={cx(
                'flex min-w-0 items-center gap-1',
                last ? 'max-w-full sm:shrink-0' : 'shrink-0 sm:shrink',
                (index < crumbs.length - 2 || (!last && !crumb.href)) && 'max-sm:hidden',
              )}
            >
              {index > 0 ? <ChevronRight className="icon text-ink-3 max-sm:hidden" aria-hidden /> : null}
              {crumb.href && !last ? (
                <Link
                  href={crumb.href}
                  title={crumb.label}
                  className="max-sm:touch flex min-w-0 items-center justify-center rounded-sm text-ink-2 hover:text-ink"
                >
                  <ChevronLeft className="icon sm:hidden" aria-hidden />
                  <span className="truncate max-sm:sr-only">{crumb.label}</span>
                </Link>
              ) : (
                <span
                  aria-current={last ? 'page' : undefined}
                  title={crumb.label}
                  className={cx('truncate', last ? 'font-medium text-ink' : 'text-ink-2')}
                >
                  {crumb.label}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
