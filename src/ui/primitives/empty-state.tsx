/** Nothing here yet: one sentence, one action, one link to help. */
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

interface EmptyStateProps {
  /** A 16 px icon, drawn larger here. */
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  /** The one action. */
  action?: ReactNode;
  /** A quiet link to help. */
  help?: ReactNode;
  className?: string;
}

export function EmptyState({ icon, title, children, action, help, className }: EmptyStateProps) {
  return (
    <div className={cx('mx-auto flex max-w-md flex-col items-center px-6 py-12 text-center', className)}>
      {icon ? (
        <div className="mb-4 flex size-10 items-center justify-center rounded-md border border-line bg-surface text-ink-3 [&_svg]:size-5">
          {icon}
        </div>
      ) : null}
      <h2 className="font-semibold text-lg">{title}</h2>
      {children ? <p className="mt-1 text-pretty text-ink-2">{children}</p> : null}
      {action ? <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div> : null}
      {help ? <div className="mt-4 text-sm">{help}</div> : null}
    </div>
  );
}
