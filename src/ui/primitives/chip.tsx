'use client';
/** A small label; with `onToggle` a filter that is on or off, with `onRemove` something that can be taken away. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';

interface ChipProps {
  children: ReactNode;
  icon?: ReactNode;
  count?: number;
  selected?: boolean;
  onToggle?: () => void;
  /** Needs `name`, the text for “Remove …”. */
  onRemove?: () => void;
  name?: string;
}

const LOOK = 'inline-flex h-7 max-w-full items-center gap-1.5 rounded-full border px-2.5 text-sm';

export function Chip({ children, icon, count, selected = false, onToggle, onRemove, name = '' }: ChipProps) {
  const t = useT();
  const tone = selected ? 'border-accent bg-accent-soft text-accent-ink' : 'border-line-strong bg-surface text-ink-2';
  const body = (
    <>
      {icon}
      <span className="truncate">{children}</span>
      {count === undefined ? null : <span className={cx('nums', !selected && 'text-ink-3')}>{count}</span>}
    </>
  );
  if (onToggle) {
    return (
      <button
        type="button"
        aria-pressed={selected}
        onClick={onToggle}
        className={cx(LOOK, tone, 'touch transition-colors duration-100', !selected && 'hover:bg-hover hover:text-ink')}
      >
        {body}
      </button>
    );
  }
  return (
    <span className={cx(LOOK, tone, onRemove && 'pr-1')}>
      {body}
      {onRemove ? (
        <button
          type="button"
          aria-label={t('chip.remove', { name })}
          onClick={onRemove}
          className="flex size-5 items-center justify-center rounded-full hover:bg-hover"
        >
          <X className="size-3" aria-hidden />
        </button>
      ) : null}
    </span>
  );
}
