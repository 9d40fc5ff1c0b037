'use client';
/** A bar for work whose total is known, or for use against a limit. Unknown totals are named steps, never a bar. */
import type { ReactNode } from 'react';
import { useFormat } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';

interface ProgressProps {
  /** Accessible name, and the text on the left unless `hideLabel`. */
  label: string;
  value: number;
  max: number;
  /** Text on the right, e.g. “2 of 4 cores”. Default: percent. */
  detail?: ReactNode;
  hideLabel?: boolean;
  /** `usage` turns to the warning hue from 80 % and to failed at 100 %. */
  kind?: 'progress' | 'usage';
}

export function Progress({ label, value, max, detail, hideLabel = false, kind = 'progress' }: ProgressProps) {
  const format = useFormat();
  const fraction = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  const tone =
    kind === 'usage' && fraction >= 1 ? 'bg-failed' : kind === 'usage' && fraction >= 0.8 ? 'bg-warning' : 'bg-accent';
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      {hideLabel ? null : (
        <div className="flex items-baseline justify-between gap-3 text-sm">
          <span className="truncate text-ink-2">{label}</span>
          <span className="nums shrink-0 text-ink">{detail ?? format.percent(fraction)}</span>
        </div>
      )}
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max}
        aria-valuenow={Math.min(value, max)}
        aria-valuetext={typeof detail === 'string' ? detail : format.percent(fraction)}
        className="h-1.5 overflow-hidden rounded-full bg-line"
      >
        <div
          className={cx('h-full origin-left rounded-full transition-transform duration-150 ease-out', tone)}
          style={{ transform: `scaleX(${fraction})` }}
        />
      </div>
    </div>
  );
}
