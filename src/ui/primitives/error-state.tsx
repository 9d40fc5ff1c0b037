'use client';
/** What happened, why, what to do now, in that order; the fold holds what a maintainer needs. */
import { ChevronRight, CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { cx } from './class-names.ts';
import { CopyButton } from './copyable.tsx';

export interface ErrorDetails {
  code: string;
  /** Unix milliseconds. */
  at: number;
  correlationId?: string | undefined;
  /** Anything more that helps (a step, a status). */
  extra?: string | undefined;
}

interface ErrorStateProps {
  what: ReactNode;
  why?: ReactNode;
  /** What to do now. */
  now?: ReactNode;
  /** Remedies as buttons. */
  actions?: ReactNode;
  details?: ErrorDetails;
  /** `page` fills a page; `inline` stands where one part failed. */
  size?: 'page' | 'inline';
  /** Heading level of `what` on a page of its own. */
  heading?: 'h1' | 'h2';
}

export function ErrorState({
  what,
  why,
  now,
  actions,
  details,
  size = 'inline',
  heading: Heading = 'h2',
}: ErrorStateProps) {
  const page = size === 'page';
  return (
    <div
      role={page ? undefined : 'alert'}
      className={cx(
        'flex gap-3',
        page ? 'mx-auto max-w-lg flex-col px-6 py-12' : 'rounded-lg border border-line bg-surface p-4',
      )}
    >
      <CircleAlert className={cx('shrink-0 text-failed', page ? 'size-6 stroke-[1.5]' : 'icon mt-0.5')} aria-hidden />
      <div className="min-w-0 flex-1">
        <Heading className={cx('font-semibold', page ? 'text-xl' : 'text-base')}>{what}</Heading>
        {why ? <p className="mt-1 text-pretty text-ink-2">{why}</p> : null}
        {now ? <p className="mt-1 text-pretty text-ink">{now}</p> : null}
        {actions ? <div className={cx('flex flex-wrap gap-2', page ? 'mt-6' : 'mt-3')}>{actions}</div> : null}
        {details ? <Details {...details} className={page ? 'mt-6' : 'mt-3'} /> : null}
      </div>
    </div>
  );
}

function Details({ code, at, correlationId, extra, className }: ErrorDetails & { className: string }) {
  const t = useT();
  const format = useFormat();
  const rows: [string, string][] = [
    [t('error.code'), code],
    [t('error.time'), format.exact(at)],
  ];
  if (correlationId) rows.push([t('error.correlation'), correlationId]);
  const text = [...rows.map(([name, value]) => `${name}: ${value}`), extra].filter(Boolean).join('\n');
  return (
    <details className={cx('group text-sm', className)}>
      <summary className="touch inline-flex list-none items-center gap-1 rounded-sm text-ink-2 hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight className="icon transition-transform duration-100 group-open:rotate-90" aria-hidden />
        {t('error.details')}
      </summary>
      <div className="mt-2 rounded-sm border border-line bg-sunken p-3">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          {rows.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-2">{name}</dt>
              <dd className="wrap-anywhere font-mono" suppressHydrationWarning>
                {value}
              </dd>
            </div>
          ))}
        </dl>
        {extra ? <pre className="mt-2 whitespace-pre-wrap break-words font-mono text-ink-2">{extra}</pre> : null}
        <CopyButton text={text} label={t('error.copyDetails')} className="mt-3" />
      </div>
    </details>
  );
}
