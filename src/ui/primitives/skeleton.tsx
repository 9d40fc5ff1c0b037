'use client';
/** Holds the place of what is loading, in its final size; visible only after 150 ms so that fast answers never flicker. */
import { useT } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';

/** Give it the final size: `className="h-5 w-32"`. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx('block animate-late rounded-sm bg-hover', className)} />;
}

/** Lines of text; the last is shorter. */
export function SkeletonText({ lines = 3, className }: { lines?: number; className?: string }) {
  return (
    <span aria-hidden className={cx('flex flex-col gap-2', className)}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity
        <Skeleton key={line} className={cx('h-3', line === lines - 1 ? 'w-3/5' : 'w-full')} />
      ))}
    </span>
  );
}

/** Wraps skeletons and tells assistive technology once. */
export function Loading({ children, className }: { children: React.ReactNode; className?: string }) {
  const t = useT();
  return (
    <div role="status" className={className}>
      <span className="sr-only">{t('skeleton.loading')}</span>
      {children}
    </div>
  );
}
