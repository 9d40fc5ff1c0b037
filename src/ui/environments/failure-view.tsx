'use client';
/** Why an environment failed, at which step, and what helps. */
import { CircleHelp, RotateCw, ScrollText, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import type { Failure, FailureReason } from '../../domain/environment.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Card } from '../primitives/card.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { LinkButton } from '../primitives/link-button.tsx';
import { Duration, Time } from '../primitives/time.tsx';
import { Timeline } from '../primitives/timeline.tsx';
import { useUrlState } from '../url-state.ts';
import { againHref, type EnvironmentDetail } from './environment.ts';
import { LogFold } from './launch-progress.tsx';
import { launchSteps } from './launch-steps.ts';
import { useEnvironmentActions } from './use-environment-actions.ts';

const HELP: Readonly<Partial<Record<FailureReason, string>>> = {
  command_not_found: '/help/not-installed',
  quota: '/help/limits',
  out_of_memory: '/help/limits',
};
/** Where another size is the remedy rather than the same thing again. */
const SIZE_HELPS: ReadonlySet<FailureReason> = new Set(['out_of_memory', 'unschedulable', 'quota']);

export function FailureView({ environment, failure }: { environment: EnvironmentDetail; failure: Failure }) {
  const t = useT();
  const { href, set } = useUrlState();
  const { start } = useEnvironmentActions();
  const [busy, setBusy] = useState(false);
  const { name, steps } = environment;
  const wasReady = steps.some(({ step }) => step === 'ready');
  const sizeFirst = SIZE_HELPS.has(failure.reason);
  const facts = [
    failure.exitCode === null ? null : t('environments.failure.exitCode', { code: String(failure.exitCode) }),
    failure.signal === null ? null : t('environments.failure.signal', { signal: failure.signal }),
  ].filter((fact) => fact !== null);

  async function retry() {
    setBusy(true);
    if (!(await start(environment))) set({ wait: '1' });
    setBusy(false);
  }

  return (
    <div className="flex min-w-0 flex-col gap-4">
      <ErrorState
        what={t(wasReady ? 'environments.failure.later' : 'environments.failure.title', { name })}
        why={failure.message}
        actions={
          <>
            <Button
              look={failure.retryHelps && !sizeFirst ? 'primary' : 'secondary'}
              busy={busy}
              icon={<RotateCw className="icon" aria-hidden />}
              onClick={() => void retry()}
            >
              {t('environments.failure.retry')}
            </Button>
            <LinkButton
              href={againHref(environment)}
              look={sizeFirst ? 'primary' : 'secondary'}
              icon={<SlidersHorizontal className="icon" aria-hidden />}
            >
              {t('environments.failure.size')}
            </LinkButton>
            <LinkButton
              href={href({ tab: 'logs' })}
              look={failure.retryHelps || sizeFirst ? 'secondary' : 'primary'}
              icon={<ScrollText className="icon" aria-hidden />}
            >
              {t('environments.failure.log')}
            </LinkButton>
            <LinkButton
              look="quiet"
              href={HELP[failure.reason] ?? '/help/does-not-start'}
              icon={<CircleHelp className="icon" aria-hidden />}
            >
              {t('environments.failure.help')}
            </LinkButton>
          </>
        }
        details={{ code: failure.reason, at: failure.at, extra: facts.join('\n') || undefined }}
      />
      <Card>
        <div className="max-w-md">
          <Timeline
            label={t('environments.launching.steps')}
            steps={launchSteps(steps, failure).map(({ step, state, tookMs }) => ({
              id: step,
              title: t(`environments.step.${step}`),
              state,
              time:
                state === 'failed' ? (
                  <Time at={failure.at} as="clock" />
                ) : tookMs === null ? undefined : (
                  <Duration ms={tookMs} />
                ),
            }))}
          />
        </div>
        <LogFold environment={environment} />
      </Card>
    </div>
  );
}
