'use client';
/** How many things ask for the viewer at a destination: a number, or a dot where there is no room for one. */
import { useT } from '../messages/messages-provider.tsx';
import { cx } from '../primitives/class-names.ts';
import { useAttention } from './viewer-role.ts';

export function Attention({ href, dot = false }: { href: string; dot?: boolean }) {
  const t = useT();
  const count = useAttention(href);
  if (count === 0) return null;
  return (
    <span
      className={cx(
        'rounded-full',
        dot
          ? 'absolute -mt-4 ml-3 size-2 bg-warning'
          : 'nums ml-auto inline-flex h-5 min-w-5 items-center justify-center bg-warning-soft px-1.5 font-medium text-warning text-xs',
      )}
    >
      <span className={cx(dot && 'sr-only')} aria-hidden>
        {count}
      </span>
      <span className="sr-only">{t('attention.people', { count })}</span>
    </span>
  );
}
