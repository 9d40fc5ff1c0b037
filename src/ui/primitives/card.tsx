/** A bordered group. Cards do not nest. */
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

interface CardProps {
  /** A heading; leave out for cards that title themselves. */
  title?: ReactNode;
  /** Beside the title. */
  actions?: ReactNode;
  /** No padding: for tables and lists that go to the border. */
  flush?: boolean;
  as?: 'section' | 'article' | 'div' | 'li';
  className?: string;
  children: ReactNode;
}

export function Card({ title, actions, flush = false, as: Element = 'section', className, children }: CardProps) {
  return (
    <Element className={cx('min-w-0 rounded-lg border border-line bg-surface', className)}>
      {title || actions ? (
        <header className="flex min-h-12 items-center justify-between gap-3 px-4 pt-3 pb-1">
          <h2 className="min-w-0 truncate font-semibold">{title}</h2>
          {actions ? <div className="flex shrink-0 items-center gap-1">{actions}</div> : null}
        </header>
      ) : null}
      <div className={cx(!flush && 'p-4', !flush && Boolean(title || actions) && 'pt-1')}>{children}</div>
    </Element>
  );
}
