/** A page inside the shell: title, one primary action, content. */
import type { ReactNode } from 'react';
import { cx } from '../primitives/class-names.ts';

interface PageProps {
  /** The h1; a string or a row with icon and status. */
  title: ReactNode;
  /** One line under the title. */
  description?: ReactNode;
  /** Right of the title; the primary action last. */
  actions?: ReactNode;
  /** Parts of the thing that the page is about, under its title. */
  tabs?: ReactNode;
  /** Tables: the full width instead of 1280 px. */
  wide?: boolean;
  /** Reading: 720 px. */
  narrow?: boolean;
  children: ReactNode;
}

export function Page({ title, description, actions, tabs, wide = false, narrow = false, children }: PageProps) {
  return (
    <div className={cx('mx-auto w-full px-4 py-6 md:px-6', narrow ? 'max-w-3xl' : !wide && 'max-w-[1280px]')}>
      <div className={cx('flex flex-wrap items-start justify-between gap-x-6 gap-y-3', tabs ? 'mb-3' : 'mb-6')}>
        <div className="min-w-0">
          <h1 className="break-words font-semibold text-xl">{title}</h1>
          {description ? <p className="mt-1 text-ink-2">{description}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
      </div>
      {tabs ? <div className="mb-5">{tabs}</div> : null}
      {children}
    </div>
  );
}
