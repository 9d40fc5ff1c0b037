'use client';
/** What the error boundaries draw. `digest` is the server's own mark of the error in its log. */
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { LinkButton } from '../primitives/link-button.tsx';

interface CrashPageProps {
  error: Error & { digest?: string };
  onRetry: () => void;
}

export function CrashPage({ error, onRetry }: CrashPageProps) {
  const t = useT();
  const [at] = useState(() => Date.now());
  return (
    <ErrorState
      size="page"
      heading="h1"
      what={t('error.page.what')}
      why={t('error.page.why')}
      now={t('error.page.now')}
      actions={
        <>
          <Button look="primary" onClick={onRetry}>
            {t('action.retry')}
          </Button>
          <LinkButton href="/" plain>
            {t('error.goHome')}
          </LinkButton>
        </>
      }
      details={{ code: 'internal', at, correlationId: error.digest, extra: error.digest ? undefined : error.message }}
    />
  );
}
