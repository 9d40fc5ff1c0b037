'use client';
/** A launch under way: its named steps with their times, how long it takes and usually takes, and what is printed. */
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { useNow } from '../primitives/clock.ts';
import { Duration, Elapsed } from '../primitives/time.tsx';
import { Timeline } from '../primitives/timeline.tsx';
import { useUrlState } from '../url-state.ts';
import type { EnvironmentDetail } from './environment.ts';
import { EnvironmentLog } from './environment-log.tsx';
import { launchStart, launchSteps } from './launch-steps.ts';
import { UsualTime } from './usual-time.tsx';

/** Beyond this share of the usual time, the page says that it takes longer. */
const LONGER = 3;
const LONGER_AT_LEAST_MS = 10_000;

export function LaunchProgress({ environment }: { environment: EnvironmentDetail }) {
  const t = useT();
  const { get } = useUrlState();
  const { name, steps, createdAt, usualReadyMs, phase } = environment;
  const start = launchStart(steps, createdAt);
  const now = useNow(1000);
  const restarting = phase === 'stopping';
  const late = usualReadyMs !== null && now - start > Math.max(LONGER_AT_LEAST_MS, usualReadyMs * LONGER);
  return (
    <div className="p-5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <h2 className="min-w-0 break-words font-semibold text-lg">{t('environments.launching.title', { name })}</h2>
        <p className="text-ink-2 text-sm">
          <span className="sr-only">{t('environments.launching.elapsed')} </span>
          <Elapsed from={start} />
          {usualReadyMs === null ? null : (
            <>
              {' · '}
              <UsualTime ms={usualReadyMs} />
            </>
          )}
        </p>
      </div>
      <p className="mt-1 min-h-5 text-ink-2" role="status">
        {restarting
          ? t('environments.launching.restart')
          : late
            ? t('environments.launching.longer')
            : get('wait') === '1'
              ? t('environments.launching.stay')
              : null}
      </p>
      <div className="mt-5 max-w-md">
        <Timeline
          label={t('environments.launching.steps')}
          steps={launchSteps(steps, null).map(({ step, state, tookMs, since }) => ({
            id: step,
            title: t(`environments.step.${step}`),
            state,
            time: tookMs !== null ? <Duration ms={tookMs} /> : since !== null ? <Elapsed from={since} /> : undefined,
          }))}
        />
      </div>
      <LogFold environment={environment} />
    </div>
  );
}

/** The log is read only once somebody looks. */
export function LogFold({ environment }: { environment: EnvironmentDetail }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <details className="group mt-5" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="touch inline-flex list-none items-center gap-1 rounded-sm text-ink-2 hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight className="icon transition-transform duration-100 group-open:rotate-90" aria-hidden />
        {t('environments.launching.log')}
      </summary>
      <div className="mt-3">
        {open ? (
          <EnvironmentLog
            id={environment.id}
            generation={environment.generation}
            name={environment.name}
            height="280px"
          />
        ) : null}
      </div>
    </details>
  );
}
