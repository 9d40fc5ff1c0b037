/** A state: icon, word and colour together, never colour alone. The word comes from the caller's catalog section. */
import { Circle, CircleAlert, CircleDashed, CirclePause, CircleStop, LoaderCircle, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './class-names.ts';

/** pending and stopping are on their way (their icon turns); the rest stand still. */
export type Tone = 'running' | 'pending' | 'stopping' | 'stopped' | 'failed' | 'warning' | 'neutral' | 'paused';

const LOOKS: Readonly<Record<Tone, { text: string; soft: string; icon: ReactNode }>> = {
  running: {
    text: 'text-running',
    soft: 'bg-running-soft',
    icon: <Circle className="icon scale-75 fill-current" aria-hidden />,
  },
  pending: {
    text: 'text-pending',
    soft: 'bg-pending-soft',
    icon: <LoaderCircle className="icon animate-spin" aria-hidden />,
  },
  stopping: {
    text: 'text-stopped',
    soft: 'bg-stopped-soft',
    icon: <LoaderCircle className="icon animate-spin" aria-hidden />,
  },
  stopped: { text: 'text-stopped', soft: 'bg-stopped-soft', icon: <CircleStop className="icon" aria-hidden /> },
  failed: { text: 'text-failed', soft: 'bg-failed-soft', icon: <CircleAlert className="icon" aria-hidden /> },
  warning: { text: 'text-warning', soft: 'bg-warning-soft', icon: <TriangleAlert className="icon" aria-hidden /> },
  paused: { text: 'text-stopped', soft: 'bg-stopped-soft', icon: <CirclePause className="icon" aria-hidden /> },
  neutral: { text: 'text-stopped', soft: 'bg-stopped-soft', icon: <CircleDashed className="icon" aria-hidden /> },
};

interface StatusBadgeProps {
  tone: Tone;
  /** The word. */
  children: ReactNode;
  /** `soft` (default) is a pill with a tinted ground; `plain` has no ground (table rows). */
  look?: 'soft' | 'plain';
  className?: string;
}

export function StatusBadge({ tone, children, look = 'soft', className }: StatusBadgeProps) {
  const { text, soft, icon } = LOOKS[tone];
  return (
    <span
      className={cx(
        'inline-flex items-center align-middle gap-1.5 whitespace-nowrap font-medium text-sm',
        text,
        look === 'soft' && cx('h-6 rounded-full pr-2.5 pl-1.5', soft),
        className,
      )}
    >
      {icon}
      {children}
    </span>
  );
}
