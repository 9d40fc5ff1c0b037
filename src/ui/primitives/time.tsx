'use client';
/** Times and durations. Relative by default with the exact zoned time on hover. */
import { useFormat } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';
import { useHydrated, useNow } from './clock.ts';

const MINUTE_MS = 60_000;

interface TimeProps {
  /** Unix milliseconds. */
  at: number;
  /** relative (default): “3 minutes ago”; short: “3 min. ago”; exact; clock: “10:15:02”. */
  as?: 'relative' | 'short' | 'exact' | 'clock';
  className?: string;
}

export function Time({ at, as = 'relative', className }: TimeProps) {
  const format = useFormat();
  const hydrated = useHydrated();
  const now = useNow(as === 'exact' || as === 'clock' ? Number.MAX_SAFE_INTEGER : 10_000);
  const exact = format.exact(at);
  const text =
    as === 'exact' ? exact : as === 'clock' ? format.clock(at) : format.relative(at, Math.max(now, 0), as === 'short');
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={hydrated ? exact : undefined}
      className={cx('nums', className)}
      suppressHydrationWarning
    >
      {text}
    </time>
  );
}

/** Elapsed since `from`, until `to` or still counting. */
export function Elapsed({ from, to, className }: { from: number; to?: number | null; className?: string }) {
  const format = useFormat();
  const now = useNow(1000);
  const ms = (to ?? now) - from;
  // While counting, tenths would only flicker.
  const shown = to == null && ms < MINUTE_MS ? Math.floor(ms / 1000) * 1000 : ms;
  return (
    <span className={cx('nums', className)} suppressHydrationWarning>
      {format.duration(shown)}
    </span>
  );
}

export function Duration({ ms, className }: { ms: number; className?: string }) {
  const format = useFormat();
  return <span className={cx('nums', className)}>{format.duration(ms)}</span>;
}
