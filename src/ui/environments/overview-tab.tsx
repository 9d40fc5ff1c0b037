'use client';
/** What matters of an environment right now, by its phase, with the facts beside it. */
import { CircleStop, LoaderCircle } from 'lucide-react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { EmptyState } from '../primitives/empty-state.tsx';
import { useUrlState } from '../url-state.ts';
import { ApplicationIcon } from './application-icon.tsx';
import { EmbeddedView } from './embedded-view.tsx';
import type { EnvironmentDetail } from './environment.ts';
import { EnvironmentFacts } from './environment-facts.tsx';
import { canOpen, isLaunching } from './environment-state.ts';
import { FailureView } from './failure-view.tsx';
import { LaunchProgress } from './launch-progress.tsx';

export function OverviewTab({ environment }: { environment: EnvironmentDetail }) {
  const { get } = useUrlState();
  if (canOpen(environment) && get('embed') === '1') return <EmbeddedView environment={environment} />;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_340px]">
      <Now environment={environment} />
      <EnvironmentFacts environment={environment} />
    </div>
  );
}

function Now({ environment }: { environment: EnvironmentDetail }) {
  if (environment.failure && environment.phase === 'failed')
    return <FailureView environment={environment} failure={environment.failure} />;
  return (
    <section className="min-w-0 rounded-lg border border-line bg-surface">
      <State environment={environment} />
    </section>
  );
}

function State({ environment }: { environment: EnvironmentDetail }) {
  const t = useT();
  const { set } = useUrlState();
  const { name, storage, application } = environment;
  if (isLaunching(environment)) return <LaunchProgress environment={environment} />;
  if (canOpen(environment)) {
    return (
      <EmptyState
        icon={<ApplicationIcon name={application.icon} />}
        title={t('environments.view.ready', { name })}
        action={<Button onClick={() => set({ embed: '1' }, 'push')}>{t('environments.view.show')}</Button>}
      >
        {t('environments.view.idle')}
      </EmptyState>
    );
  }
  if (environment.phase === 'stopped' || environment.phase === 'failed') {
    return (
      <EmptyState icon={<CircleStop aria-hidden />} title={t('environments.stopped.title', { name })}>
        {storage
          ? t('environments.stopped.text', { storage: storage.displayName })
          : t('environments.stopped.textPlain')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<LoaderCircle className="animate-spin" aria-hidden />}
      title={t('environments.stopping.title', { name })}
    >
      {t('environments.stopping.text')}
    </EmptyState>
  );
}
