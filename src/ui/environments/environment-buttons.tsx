'use client';
/** The one or two things one does to an environment most: open it, stop it, start it, cancel its start. */
import { ExternalLink, Play, Square, X } from 'lucide-react';
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { LinkButton } from '../primitives/link-button.tsx';
import { type Environment, openHref } from './environment.ts';
import { canCancel, canOpen, canStart, canStop } from './environment-state.ts';
import { useEnvironmentActions } from './use-environment-actions.ts';

interface EnvironmentButtonsProps {
  environment: Environment;
  size?: 'sm' | 'md';
  /** Whether Open (or Start) is the main action of the page. */
  main?: boolean;
  onStarted?: () => void;
}

export function EnvironmentButtons({ environment, size = 'md', main = false, onStarted }: EnvironmentButtonsProps) {
  const t = useT();
  const { start, stop } = useEnvironmentActions();
  const [busy, setBusy] = useState(false);
  const { id, name } = environment;
  const look = main ? 'primary' : 'secondary';

  async function run(action: typeof start, then?: () => void) {
    setBusy(true);
    const failed = await action(environment);
    setBusy(false);
    if (!failed) then?.();
  }

  return (
    <>
      {canStop(environment) ? (
        <Button
          size={size}
          look={main ? 'secondary' : 'quiet'}
          busy={busy}
          aria-label={t('environments.stopNamed', { name })}
          icon={<Square className="icon scale-90" aria-hidden />}
          onClick={() => void run(stop)}
        >
          {t('environments.stop')}
        </Button>
      ) : null}
      {canCancel(environment) ? (
        <Button
          size={size}
          busy={busy}
          aria-label={t('environments.cancelNamed', { name })}
          icon={<X className="icon" aria-hidden />}
          onClick={() => void run(stop)}
        >
          {t('environments.cancel')}
        </Button>
      ) : null}
      {canStart(environment) ? (
        <Button
          size={size}
          look={look}
          busy={busy}
          aria-label={t('environments.startNamed', { name })}
          icon={<Play className="icon" aria-hidden />}
          onClick={() => void run(start, onStarted)}
        >
          {t('environments.start')}
        </Button>
      ) : null}
      {canOpen(environment) ? (
        <LinkButton
          plain
          size={size}
          look={look}
          href={openHref(id)}
          target="_blank"
          rel="noopener"
          aria-label={t('environments.openNamed', { name })}
          icon={<ExternalLink className="icon" aria-hidden />}
        >
          {t('environments.open')}
        </LinkButton>
      ) : null}
    </>
  );
}
