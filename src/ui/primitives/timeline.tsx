'use client';
/** Steps down the page with their times: done, under way, waiting, failed. */
import { Check, Circle, LoaderCircle, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';

export type StepState = 'done' | 'current' | 'waiting' | 'failed';

export interface TimelineStep {
  id: string;
  title: ReactNode;
  state: StepState;
  /** On the right: a time, a duration, “usually 8 s”. */
  time?: ReactNode;
  /** Under the title: why it failed, what it waits for. */
  detail?: ReactNode;
}

const DOTS = {
  done: {
    look: 'border-running bg-running-soft text-running',
    icon: <Check className="size-3 stroke-[2.5]" aria-hidden />,
  },
  current: {
    look: 'border-pending bg-pending-soft text-pending',
    icon: <LoaderCircle className="size-3 animate-spin stroke-[2.5]" aria-hidden />,
  },
  waiting: {
    look: 'border-line-strong bg-surface text-ink-3',
    icon: <Circle className="size-1.5 fill-current" aria-hidden />,
  },
  failed: { look: 'border-failed bg-failed-soft text-failed', icon: <X className="size-3 stroke-[2.5]" aria-hidden /> },
} as const;

export function Timeline({ steps, label }: { steps: readonly TimelineStep[]; label: string }) {
  const t = useT();
  return (
    <ol aria-label={label} className="flex flex-col">
      {steps.map((step, index) => (
        <li
          key={step.id}
          aria-current={step.state === 'current' ? 'step' : undefined}
          className="relative flex gap-3 pb-4 last:pb-0"
        >
          {index < steps.length - 1 ? (
            <span
              aria-hidden
              className={cx(
                'absolute top-6 bottom-1 left-2.5 w-px -translate-x-1/2',
                step.state === 'done' ? 'bg-running' : 'bg-line-strong',
              )}
            />
          ) : null}
          <span
            className={cx(
              'relative flex size-5 shrink-0 items-center justify-center rounded-full border',
              DOTS[step.state].look,
            )}
          >
            {DOTS[step.state].icon}
          </span>
          <div className="min-w-0 flex-1">
            <div className="flex items-baseline justify-between gap-4">
              <span
                className={cx(
                  step.state === 'waiting' && 'text-ink-3',
                  step.state === 'current' && 'font-medium',
                  step.state === 'failed' && 'font-medium text-failed',
                )}
              >
                {step.title}
                <span className="sr-only">, {t(`timeline.${step.state}`)}</span>
              </span>
              {step.time ? <span className="nums shrink-0 text-ink-3 text-sm">{step.time}</span> : null}
            </div>
            {step.detail ? <div className="mt-0.5 text-ink-2 text-sm">{step.detail}</div> : null}
          </div>
        </li>
      ))}
    </ol>
  );
}
